import type { Wire } from './wire.ts';

/** What a receiver shows at `--effects-url`. What is absent from a record did not happen. */
export interface Effects {
  /** By delivery id, how many times the delivery took effect. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** By resource id, the sequence of the state that the receiver keeps of it. */
  readonly resources?: Readonly<Record<string, number>>;
}

/** A case cannot be judged, and why; it is skipped. */
export class NotExamined extends Error {
  override readonly name = 'NotExamined';
}

/** What is at the effects URL cannot be read. */
export class EffectsUnreadable extends Error {
  override readonly name = 'EffectsUnreadable';
}

const MAX_EFFECTS_BYTES = 10_000_000;
const SHAPE =
  'an object { "deliveries": { "<delivery id>": count }, "resources": { "<resource id>": sequence } }';

/** Throws `EffectsUnreadable`. */
export async function readEffects(wire: Wire, url: URL): Promise<Effects> {
  const sent = { method: 'GET', url, headers: { accept: 'application/json' } } as const;
  const { answer, problem } = await wire(sent, MAX_EFFECTS_BYTES);
  if (!answer) throw new EffectsUnreadable(`${url} does not answer: ${problem?.message}`);
  if (answer.status !== 200) throw new EffectsUnreadable(`${url} answers ${answer.status} instead of 200`);
  const value = parse(answer.text);
  if (!isEffects(value)) throw new EffectsUnreadable(`${url} does not answer ${SHAPE}`);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((count) => Number.isSafeInteger(count));

const isEffects = (value: unknown): value is Effects =>
  isObject(value) &&
  isCounts(value.deliveries) &&
  (value.resources === undefined || isCounts(value.resources));
