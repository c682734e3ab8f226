import { randomBytes, randomUUID } from 'node:crypto';

/** Variables by name; a name may lead into a value: `row.body`. */
export type Scope = ReadonlyMap<string, unknown>;

/** A vector names a variable that nothing has set. */
export class UnknownVariable extends Error {}

const WHOLE = /^\{\{([^{}]*)\}\}$/;
const EACH = /\{\{([^{}]*)\}\}/g;
const FILLER = /^filler:(\d+)$/;
const RANDOM_BYTES = 6;

/**
 * A copy of the value with every `{{variable}}` in its strings replaced. A string that is one placeholder becomes the
 * variable's value itself, whatever its type; undefined, and left out of its object, where the placeholder allows it.
 */
export function fill(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return fillText(value, scope);
  if (Array.isArray(value)) return value.map((item) => fill(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, fill(member, scope)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function fillText(text: string, scope: Scope): unknown {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return lookUp(whole, scope);
  return text.replace(EACH, (_, names: string) => String(lookUp(names, scope) ?? ''));
}

/** The first of the names between bars that is set; an empty last name stands for nothing at all. */
function lookUp(names: string, scope: Scope): unknown {
  for (const name of names.split('|')) {
    if (name === '') return undefined;
    const value = variable(name, scope);
    if (value !== undefined) return value;
  }
  throw new UnknownVariable(`no variable ${names}`);
}

function variable(name: string, scope: Scope): unknown {
  if (name === 'uuid') return randomUUID();
  if (name === 'random') return randomBytes(RANDOM_BYTES).toString('hex');
  const filler = FILLER.exec(name)?.[1];
  if (filler !== undefined) return 'x'.repeat(Number(filler));
  const [first = '', ...rest] = name.split('.');
  return rest.reduce<unknown>(
    (value, member) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[member]
        : undefined,
    scope.get(first),
  );
}

/** The value a JSON pointer (RFC 6901) leads to; undefined when it leads nowhere. */
export function atPointer(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, segment) => {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined;
      return (at as Readonly<Record<string, unknown>>)[segment];
    }, value);
}
