import { EVENTS, type EventName } from '@openoms/contract/events.ts';

/** Makes an id of the form that the API gives, such as `txn_01…`. */
export type NewId = (prefix: string) => string;

/** `data` of the catalogue's example, with ids of its own in the place of the example's. */
export function sampleData(name: EventName, newId: NewId): Readonly<Record<string, unknown>> {
  const ids = new Map<string, string>();
  const text = JSON.stringify(EVENTS[name].example).replace(
    /"(([A-Za-z]+)_01H9[^"]*)"/g,
    (_, example: string, prefix: string) => {
      const id = ids.get(example) ?? newId(prefix);
      ids.set(example, id);
      return `"${id}"`;
    },
  );
  return JSON.parse(text);
}

/** The names of the catalogue that begin so, without those that only who names them is told of. */
export const namesOf = (prefixes: readonly string[]): readonly EventName[] =>
  (Object.keys(EVENTS) as EventName[]).filter(
    (name) => EVENTS[name].audience === 'all' && prefixes.some((prefix) => name.startsWith(prefix)),
  );
