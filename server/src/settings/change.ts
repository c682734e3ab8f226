import { DEFAULT_SETTINGS } from '@openoms/contract/default-settings.ts';
import type { Settings, SettingsChange } from '@openoms/contract/settings.ts';

export type Values = Required<Omit<Settings, 'object'>>;

type Leaf = string | number;
/** Settings of any depth; in a change, null stands for the default. */
interface Tree {
  readonly [name: string]: Leaf | Tree;
}
interface Change {
  readonly [name: string]: Leaf | Change | null;
}

const { object: _, ...DEFAULTS } = DEFAULT_SETTINGS;

/** What applies to a project that changed this. */
export const valuesOf = (changed: SettingsChange): Values =>
  overlay(DEFAULTS, changed as Tree) as unknown as Values;

function overlay(below: Tree, above: Tree): Tree {
  const entries = Object.entries(below).map(([name, value]) => {
    const own = above[name];
    if (own === undefined) return [name, value];
    return [name, typeof value === 'object' && typeof own === 'object' ? overlay(value, own) : own];
  });
  return Object.fromEntries(entries);
}

/** What a project changed, after one more change: null takes a field or a whole group out again. */
export const withChange = (changed: SettingsChange, change: SettingsChange): SettingsChange =>
  applied(changed as Tree, change as Change) as SettingsChange;

function applied(changed: Tree, change: Change): Tree {
  const result: Record<string, Leaf | Tree> = { ...changed };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else if (typeof value === 'object') {
      const own = result[name];
      const inner = applied(typeof own === 'object' ? own : {}, value);
      if (Object.keys(inner).length > 0) result[name] = inner;
      else delete result[name];
    } else result[name] = typeof value === 'string' ? canonical(name, value) : value;
  }
  return result;
}

/** One text for one value: shares without trailing zeros, amounts with two decimals at least. */
function canonical(name: string, text: string): string {
  const [integer = '', fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '');
  if (name === 'percentage') return digits ? `${integer}.${digits}` : integer;
  return /^[0-9]/.test(text) ? `${integer}.${digits.padEnd(2, '0')}` : text;
}
