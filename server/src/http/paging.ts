import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from '@openoms/contract/pagination.ts';
import type { PageRequest } from '../db/list.ts';
import { optionalDate, optionalUpperBound } from '../kernel/clock.ts';
import { validationError } from '../kernel/errors.ts';

/** A page of rows already in reading order, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

interface PageQuery {
  readonly limit?: number;
  readonly startingAfter?: string;
  readonly endingBefore?: string;
  readonly cursor?: string;
}

const CURSOR_VERSION = 'v1:';

/** Cursors are opaque: the position (an id) behind a version, in base64url. */
const encodeCursor = (id: string): string => Buffer.from(CURSOR_VERSION + id).toString('base64url');

function decodeCursor(field: string, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^v1:[a-zA-Z]{1,20}_[a-z0-9]{1,60}$/.test(text)) {
    throw validationError([{ field, issue: 'is not a cursor of this list' }]);
  }
  return text.slice(CURSOR_VERSION.length);
}

/** Reads the bounds of `createdAt`, both inclusive (contract 1.6). */
export const toCreatedRange = (query: {
  readonly createdAfter?: string;
  readonly createdBefore?: string;
}) => ({
  createdAfter: optionalDate(query.createdAfter),
  createdBefore: optionalUpperBound(query.createdBefore),
});

/** Reads the paging fields of a list's query (contract 1.6). */
export function toPageRequest(query: PageQuery): PageRequest {
  const after = query.startingAfter ?? query.cursor;
  if (after !== undefined && query.endingBefore !== undefined) {
    throw validationError([{ field: 'endingBefore', issue: 'cannot be combined with startingAfter' }]);
  }
  const limit = Math.min(query.limit ?? DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT);
  if (query.endingBefore !== undefined) {
    return { limit, direction: 'newer', from: decodeCursor('endingBefore', query.endingBefore) };
  }
  if (after === undefined) return { limit, direction: 'older' };
  const field = query.startingAfter === undefined ? 'cursor' : 'startingAfter';
  return { limit, direction: 'older', from: decodeCursor(field, after) };
}

/** The list envelope: cursors of the first and last item, null on an empty page. */
export function toPage<Item extends { id: string }>(
  page: Page<Item>,
): { data: Item[]; hasMore: boolean; nextCursor: string | null; previousCursor: string | null } {
  const first = page.items[0];
  const last = page.items.at(-1);
  return {
    data: [...page.items],
    hasMore: page.hasMore,
    nextCursor: last ? encodeCursor(last.id) : null,
    previousCursor: first ? encodeCursor(first.id) : null,
  };
}
