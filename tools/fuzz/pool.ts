import type { Random } from './random.ts';

const ID = /^([A-Za-z]+)_[0-9a-z]{26}$/;
const MAX_KEPT = 200;
const RECENT = 4;

/** An answer's object, as far as later requests take from it. */
export type Seen = Readonly<Record<string, unknown>>;

/** What earlier answers returned: ids by prefix, cursors, and whole objects by their kind. The latest are kept. */
export class Pool {
  readonly #ids = new Map<string, string[]>();
  /** By kind, then by id; the answers of one object follow one another. */
  readonly #objects = new Map<string, Map<unknown, Seen>>();
  readonly #cursors: string[] = [];

  /**
   * Takes in an answer. Objects without a kind of their own are kept under the operation's id, those inside another
   * under `.name`.
   */
  learn(kind: string, body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    if (!Array.isArray(body)) this.#keepObject(kind, body as Seen);
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string') this.#learnText(name, value);
      else this.learn(`.${name}`, value);
    }
  }

  id(prefix: string, random: Random): string | undefined {
    const ids = this.#ids.get(prefix);
    return ids ? random.pick(ids) : undefined;
  }

  object(kind: string, random: Random): Seen | undefined {
    const objects = this.#objects.get(kind);
    return objects ? random.pick([...objects.values()]) : undefined;
  }

  /** One of those that came last: what expires soon is taken up in time. */
  recent(kind: string, random: Random): Seen | undefined {
    const latest = [...(this.#objects.get(kind)?.values() ?? [])].slice(-RECENT);
    return latest.length > 0 ? random.pick(latest) : undefined;
  }

  /** One whose kind begins so, and that is as asked. */
  objectWhere(kindPrefix: string, random: Random, isAsked: (object: Seen) => boolean): Seen | undefined {
    const found = [...this.#objects].filter(([kind]) => kind.startsWith(kindPrefix));
    const asked = found.flatMap(([, objects]) => [...objects.values()]).filter(isAsked);
    return asked.length > 0 ? random.pick(asked) : undefined;
  }

  cursor(random: Random): string | undefined {
    return this.#cursors.length > 0 ? random.pick(this.#cursors) : undefined;
  }

  #keepObject(kind: string, object: Seen): void {
    const name = typeof object.object === 'string' ? object.object : kind;
    const objects = this.#objects.get(name) ?? new Map<unknown, Seen>();
    this.#objects.set(name, objects);
    objects.set(object.id ?? object, object);
    const [oldest] = objects.keys();
    if (objects.size > MAX_KEPT) objects.delete(oldest);
  }

  #learnText(name: string, text: string): void {
    const prefix = ID.exec(text)?.[1];
    if (prefix !== undefined) this.#ids.set(prefix, kept(this.#ids.get(prefix) ?? [], text));
    if (/cursor$/i.test(name)) kept(this.#cursors, text);
  }
}

function kept<T>(list: T[], item: T): T[] {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
  return list;
}
