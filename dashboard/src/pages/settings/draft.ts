import { DEFAULT_SETTINGS } from '@openoms/contract/default-settings.ts';
import type { Settings, SettingsChange } from '@openoms/contract/settings.ts';

/** Every setting by its path, as the server names fields: `fees.cashIn.percentage`. */
export type Values = Readonly<Record<string, string>>;

function flat(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return typeof inner === 'object' && inner !== null ? flat(inner, at) : [[at, String(inner)]];
  });
}

export function valuesOf(settings: Settings): Values {
  const { object: _, ...rest } = settings;
  return Object.fromEntries(flat(rest));
}

export const DEFAULTS: Values = valuesOf(DEFAULT_SETTINGS);

const NUMBERS: ReadonlySet<string> = new Set(['quoteLifetimeSeconds']);

/** As the server takes it; null goes back to the default. What is no number goes as typed, and the server says so. */
function wireValue(path: string, text: string): string | number | null {
  if (text === DEFAULTS[path]) return null;
  const number = Number(text);
  return NUMBERS.has(path) && text.trim() !== '' && Number.isFinite(number) ? number : text.trim();
}

type Tree = { [name: string]: Tree | string | number | null };

/** The changes alone, nested as the settings are. */
export function changeOf(changed: Values): SettingsChange {
  const root: Tree = {};
  for (const [path, text] of Object.entries(changed)) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let at = root;
    for (const name of names) {
      const inner = at[name];
      const next: Tree = typeof inner === 'object' && inner !== null ? inner : {};
      at[name] = next;
      at = next;
    }
    at[last] = wireValue(path, text);
  }
  return root as SettingsChange;
}
