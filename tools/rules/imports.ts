import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { codeOf, type Finding, isTest, isTypeScript, lineAt, type SourceFile } from './source-files.ts';

/**
 * Who may import whom. Each part lists what it may import; what is not listed is refused, and so is a part that
 * this file does not know. Tests may import anything; nothing but tests may import a test.
 */

interface Import {
  readonly from: string;
  /** Path of the imported file in the repository; packages of others are not followed. */
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** False when a file of another workspace is named by its path instead of its package. */
  readonly byPackageName: boolean;
}

const FOUNDATIONS = ['kernel', 'db', 'jobs', 'events', 'audit', 'ledger', 'chain', 'sealing', 'trouble'];
const SLICES = [
  'audit-entries',
  'auth',
  'bank',
  'cash-ins',
  'cash-pickups',
  'customers',
  'deposit-addresses',
  'event-log',
  'external-accounts',
  'ledger-explorer',
  'networks',
  'people',
  'overview',
  'projects',
  'quotes',
  'rates',
  'reconciliation',
  'request-log',
  'sandbox-clock',
  'sandbox-trouble',
  'sandbox-world',
  'search',
  'settings',
  'stream',
  'timelines',
  'transactions',
  'treasury',
  'virtual-accounts',
  'wallets',
  'webhooks',
];

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  db: ['kernel'],
  jobs: ['kernel', 'db', 'events'],
  events: ['kernel', 'db', 'jobs'],
  audit: ['kernel', 'db'],
  ledger: ['kernel', 'db', 'jobs', 'events'],
  chain: ['kernel', 'db', 'jobs', 'events', 'trouble'],
  sealing: ['kernel', 'db', 'jobs', 'events'],
  trouble: ['kernel', 'db'],
  http: [...FOUNDATIONS, 'auth'],
  providers: [...FOUNDATIONS, 'http'],
  // What must hold across the parts, read from the tables and the chain.
  invariants: [...FOUNDATIONS, 'reconciliation'],
  ...Object.fromEntries(SLICES.map((slice) => [slice, [...FOUNDATIONS, 'http']])),
  people: [...FOUNDATIONS, 'http', 'auth'],
  // A project is made with its first API key.
  projects: [...FOUNDATIONS, 'http', 'auth'],
};

/** What joins the parts: main.ts, context.ts, api.ts, config.ts and the like, the command line, the supervisor. */
const COMPOSITION = /^server\/src\/([^/]+\.ts|(cli|supervisor)\/.*)$/;
const PROVIDER_EVENTS = 'server/src/providers/provider-events.ts';
const PROVIDER_REGISTRY = 'server/src/providers/registry.ts';
/** The context builds the ports; the API mounts the sandbox's routes. The rest of what joins the parts asks the registry. */
const KNOWS_PROVIDERS = new Set(['server/src/context.ts', 'server/src/api.ts']);
const SLICE_DOOR = /^server\/src\/[^/]+\/(service|provider)\.ts$/;
const VENDOR_FOLDER = /^server\/src\/providers\/[^/]+\//;

/** Workspaces other than server: what they may import of ours. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  sdk: ['contract'],
  cli: ['contract', 'sdk'],
  testing: ['contract', 'sdk', 'cli'],
  dashboard: ['contract'],
  // Examples that readers copy.
  docs: ['sdk'],
};
/** Runs in the client's program without any package of ours: types only. */
const TYPES_ONLY = new Set(['sdk']);
/** Directories that serve the repository itself and may import anything but tests. */
const FREE = new Set(['tools', 'bench']);

const PACKAGE_ENTRY: Readonly<Record<string, string>> = { sdk: 'sdk/src/openoms.ts' };

export function importFindings(files: readonly SourceFile[]): Finding[] {
  const sources = files.filter(({ path }) => isTypeScript(path) && !isTest(path));
  const imports = sources.flatMap(importsOf);
  const refused = imports.flatMap((found) => {
    const message = refusal(found);
    return message === undefined ? [] : [{ path: found.from, line: found.line, message }];
  });
  return [...refused, ...cycleFindings(imports)];
}

function importsOf(file: SourceFile): Import[] {
  const { module } = parseSync(file.path, file.text);
  const statics = module.staticImports.map(({ moduleRequest, entries }) => ({
    ...moduleRequest,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  const reexports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null ? [] : [{ ...moduleRequest, typeOnly: isType }],
    ),
  );
  // `import('…')` as an expression and as a type; both count as using the value.
  const calls = [...codeOf(file).matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => ({
    value: match[1] ?? '',
    start: match.index,
    typeOnly: false,
  }));
  return [...statics, ...reexports, ...calls].flatMap(({ value, start, typeOnly }) => {
    const to = resolve(file.path, value);
    if (to === undefined) return [];
    const byPackageName = !value.startsWith('.');
    return [{ from: file.path, to, line: lineAt(file.text, start), typeOnly, byPackageName }];
  });
}

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const [, name, rest] = /^@openoms\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  return rest === undefined ? (PACKAGE_ENTRY[name] ?? name) : `${name}/${rest}`;
}

const workspaceOf = (path: string): string => path.split('/')[0] ?? '';
const partOf = (path: string): string => /^server\/src\/([^/]+)\//.exec(path)?.[1] ?? '';

/** Why the import is refused, or undefined when it is allowed. */
function refusal(found: Import): string | undefined {
  const { from, to } = found;
  const [home, target] = [workspaceOf(from), workspaceOf(to)];
  if (isTest(to)) return `${to} is for tests only`;
  if (FREE.has(home) || !from.includes('/')) return undefined;
  if (home === target) return home === 'server' ? serverRefusal(found) : undefined;
  if (!found.byPackageName) return `import ${target} by its package name`;
  if (home === 'server')
    return target === 'contract' ? contractRefusal(from) : `server may not import ${target}`;
  const allowed = ALLOWED[home];
  if (allowed === undefined) return `tools/rules/imports.ts has no rule for ${home}`;
  if (!allowed.includes(target)) return `${home} may not import ${target}`;
  if (found.typeOnly || !TYPES_ONLY.has(home)) return undefined;
  return `${home} may import only types of ${target}`;
}

function contractRefusal(from: string): string | undefined {
  const part = partOf(from);
  return part === 'kernel' || part === 'db' ? `${part} may not import the contract` : undefined;
}

function serverRefusal({ from, to, typeOnly }: Import): string | undefined {
  if (COMPOSITION.test(from)) {
    return KNOWS_PROVIDERS.has(from) || to === PROVIDER_REGISTRY ? undefined : providerRefusal(from, to);
  }
  if (COMPOSITION.test(to)) return `${to} joins the parts and is imported by none of them`;
  const [part, target] = [partOf(from), partOf(to)];
  const allowed = MAY_IMPORT[part];
  if (allowed === undefined) return `tools/rules/imports.ts has no rule for server/src/${part}`;
  if (target === 'providers') return providerRefusal(from, to);
  if (part === target || allowed.includes(target)) return undefined;
  const isSlicePair = SLICES.includes(target) && (SLICES.includes(part) || part === 'providers');
  if (!isSlicePair) return `${part} may not import ${target}`;
  if (!SLICE_DOOR.test(to)) return `of ${target}, only service.ts and provider.ts may be imported`;
  return typeOnly ? undefined : `of another slice only types may be imported (${to})`;
}

/** Slices know ports, not providers; a vendor's folder is known to the registry and to what joins the parts. */
function providerRefusal(from: string, to: string): string | undefined {
  if (partOf(to) !== 'providers') return undefined;
  if (partOf(from) === 'providers') {
    const [own, other] = [VENDOR_FOLDER.exec(from)?.[0], VENDOR_FOLDER.exec(to)?.[0]];
    return own && other && own !== other ? 'one provider may not import another' : undefined;
  }
  if (to === PROVIDER_EVENTS && SLICES.includes(partOf(from))) return undefined;
  return 'only providers/, context.ts and api.ts may import a provider';
}

/** Each cycle once, told at the import that closes it. Types count: a cycle of types is a missing part too. */
function cycleFindings(imports: readonly Import[]): Finding[] {
  const outgoing = Map.groupBy(imports, ({ from }) => from);
  const finished = new Set<string>();
  const trail: string[] = [];
  const findings: Finding[] = [];
  const visit = (path: string): void => {
    trail.push(path);
    for (const { to, line } of outgoing.get(path) ?? []) {
      const start = trail.indexOf(to);
      if (start >= 0) {
        const message = `cycle: ${[...trail.slice(start), to].join(' → ')}`;
        findings.push({ path, line, message });
      } else if (!finished.has(to)) visit(to);
    }
    trail.pop();
    finished.add(path);
  };
  for (const path of outgoing.keys()) if (!finished.has(path)) visit(path);
  return findings;
}
