import { OmsError } from './errors.ts';

export interface ListPage<Item> {
  readonly data: readonly Item[];
  readonly hasMore: boolean;
  readonly nextCursor?: string | null;
  readonly previousCursor?: string | null;
}

interface CursorQuery {
  readonly startingAfter?: string;
  readonly endingBefore?: string;
}

/**
 * A list, read page by page as it is iterated: `for await (const item of list)`. Every iteration starts anew
 * at the query it was made with. With `endingBefore` it goes backwards.
 */
export class PagedList<Item> implements AsyncIterable<Item> {
  readonly #read: (cursor: CursorQuery) => Promise<ListPage<Item>>;
  readonly #start: CursorQuery;

  constructor(read: (cursor: CursorQuery) => Promise<ListPage<Item>>, start: CursorQuery) {
    this.#read = read;
    this.#start = start;
  }

  /** The first page alone. */
  firstPage(): Promise<ListPage<Item>> {
    return this.#read(this.#start);
  }

  /** Page after page, until the server says there are no more. */
  async *pages(): AsyncGenerator<ListPage<Item>, void, void> {
    const backwards = this.#start.endingBefore !== undefined;
    let cursor = this.#start;
    for (;;) {
      const page = await this.#read(cursor);
      yield page;
      const next = backwards ? page.previousCursor : page.nextCursor;
      if (!page.hasMore || !next) return;
      if (next === (backwards ? cursor.endingBefore : cursor.startingAfter)) {
        throw new OmsError(200, 'invalid_response', 'The list repeats its cursor and would never end.');
      }
      cursor = backwards ? { endingBefore: next } : { startingAfter: next };
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** At most `limit` items, in order. */
  async take(limit: number): Promise<Item[]> {
    const items: Item[] = [];
    if (limit <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }
}
