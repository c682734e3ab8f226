import { codeOf, type Finding, isTest, isTypeScript, matches, type SourceFile } from './source-files.ts';

/**
 * What the source may not say. Time, chance, environment and network come by argument, so that a test can decide
 * them; output goes through the logger, whose allow-list keeps secrets out; the tree knows no machine and no registry.
 */

const AMBIENT: readonly (readonly [pattern: RegExp, message: string])[] = [
  [
    /\bprocess\s*\.\s*env\b/g,
    'process.env belongs to main.ts, config.ts and kernel/: take a setting by argument',
  ],
  [/\bnew\s+Date\s*\(\s*\)/g, 'new Date() belongs to kernel/: take a Clock by argument'],
  [
    /\bDate\s*\.\s*now\b/g,
    'Date.now belongs to kernel/: take a Clock, or use performance.now() for a duration',
  ],
  [
    /\bMath\s*\.\s*random\b/g,
    'Math.random belongs to kernel/: use node:crypto or take the source by argument',
  ],
  [/(?<![.\w#])fetch\s*\(/g, 'fetch belongs to kernel/: take the HTTP client by argument'],
];
const MAY_BE_AMBIENT = /^server\/src\/((.*\/)?main\.ts|cli\.ts|config\.ts|kernel\/.*)$/;
const PRINTS = /^server\/src\/cli(\.ts$|\/)/;

/** Directories of one machine. Neither a web address nor a route of the API has these words after a bare slash. */
const MACHINE_PATH = /(?<![\w.~$}-])\/(home|Users|root|work|mnt)\/[\w.-]+/g;
const LOCKED_ADDRESS = /"resolved":\s*"[a-z+]+:\/\//g;
const REGISTRY_SETTING = /^\s*(@[^\s:]+:)?registry\s*=.*$/gm;

export function sourceFindings(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => [
    ...(isTypeScript(file.path) ? codeFindings(file) : []),
    ...matches(file.path, file.text, MACHINE_PATH, 'a path of one machine'),
    ...addressFindings(file),
  ]);
}

function codeFindings(file: SourceFile): Finding[] {
  if (!/^(contract|server\/src)\//.test(file.path) || isTest(file.path)) return [];
  const code = codeOf(file);
  const ambient = MAY_BE_AMBIENT.test(file.path)
    ? []
    : AMBIENT.flatMap(([pattern, message]) => matches(file.path, code, pattern, message));
  const printed = PRINTS.test(file.path)
    ? []
    : matches(file.path, code, /\bconsole\s*\./g, 'console belongs to the command line: take the Logger');
  return [...ambient, ...printed];
}

/** npm writes no address with `omit-lockfile-registry-resolved`, so that any registry or mirror can serve the tree. */
function addressFindings({ path, text }: SourceFile): Finding[] {
  if (path === 'package-lock.json') {
    return [
      ...matches(path, text, LOCKED_ADDRESS, 'a download address'),
      ...unlockedFindings({ path, text }),
    ];
  }
  if (/(^|\/)\.npmrc$/.test(path)) return matches(path, text, REGISTRY_SETTING, 'a registry address');
  return [];
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * npm leaves a platform package out of the lockfile when its registry did not have it at that moment; `npm ci` then
 * refuses the lockfile on every machine.
 */
function unlockedFindings({ path, text }: SourceFile): Finding[] {
  const { packages } = JSON.parse(text) as Lock;
  return Object.entries(packages).flatMap(([home, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !(`node_modules/${name}` in packages || `${home}/node_modules/${name}` in packages))
      .map(([name, version]) => ({
        path,
        line: 1,
        message: `${name}@${version} is not locked: npm ci will fail`,
      })),
  );
}
