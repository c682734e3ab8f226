import Type, { type TSchema } from 'typebox';
import { INFERRED, NullableString, PROPOSAL, Text, Timestamp } from './fields.ts';

export const DEFAULT_PAGE_LIMIT = 50;
export const MAX_PAGE_LIMIT = 100;
const MAX_CURSOR_LENGTH = 500;

/** Query fields of every list: at most one of `startingAfter` and `endingBefore`, which the server checks. */
export const PAGE_QUERY = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE_LIMIT,
      default: DEFAULT_PAGE_LIMIT,
      description: 'Page size.',
    }),
  ),
  startingAfter: Type.Optional(
    Text(MAX_CURSOR_LENGTH, { description: '`nextCursor` of a page: continues after it.' }),
  ),
  endingBefore: Type.Optional(
    Text(MAX_CURSOR_LENGTH, { description: '`previousCursor` of a page: goes back before it.' }),
  ),
};

/** Inclusive bounds of `createdAt` (contract 1.6). */
export const CREATED_QUERY = {
  createdAfter: Type.Optional(Timestamp({ description: 'Created at this time or later.' })),
  createdBefore: Type.Optional(Timestamp({ description: 'Created at this time or earlier.' })),
};

/** `GET /customers` also takes the documented name `cursor` for `startingAfter`. */
export const CURSOR_QUERY = {
  cursor: Type.Optional(Text(MAX_CURSOR_LENGTH, { description: 'Same as `startingAfter`.', ...INFERRED })),
};

const pageFields = <Item extends TSchema>(item: Item) => ({
  data: Type.Array(item, { maxItems: MAX_PAGE_LIMIT }),
  hasMore: Type.Boolean({ description: 'Whether the direction you page in has more.' }),
  nextCursor: Type.Optional(NullableString({ description: 'Opaque; null on an empty page.' })),
  previousCursor: Type.Optional(NullableString({ description: 'Opaque; null on an empty page.' })),
});

/** The list envelope, newest first. */
export const Page = <Item extends TSchema>(item: Item, title: string) =>
  Type.Object(pageFields(item), { title });

/** The envelope of `GET /customers`: `cursor` repeats `nextCursor`. */
export const CursorPage = <Item extends TSchema>(item: Item, title: string) =>
  Type.Object(
    {
      ...pageFields(item),
      cursor: Type.Optional(NullableString({ description: 'Same as `nextCursor`.' })),
    },
    {
      title,
      description: '`nextCursor` and `previousCursor` are added to the documented `cursor`.',
      ...PROPOSAL,
    },
  );
