import { DIALECT_OPERATIONS, type FlatQuote, type FlatQuoteRequest } from '@openoms/contract/dialect.ts';
import * as contract from '@openoms/contract/quotes.ts';
import type { Tx } from '../db/database.ts';
import { batchRoute, type Route, route } from '../http/operation.ts';
import { ApiError } from '../kernel/errors.ts';
import type { Quotes } from './service.ts';
import { toQuote } from './view.ts';

async function createAll(
  quotes: Quotes,
  tx: Tx,
  bodies: readonly contract.QuoteRequest[],
): Promise<(contract.Quote | ApiError)[]> {
  const made = await quotes.create(tx, bodies);
  return made.map((quote) => (quote instanceof ApiError ? quote : toQuote(quote, tx.now())));
}

export const quoteRoutes = (quotes: Quotes): readonly Route[] => [
  batchRoute(contract.createQuote, (tx, requests) =>
    createAll(
      quotes,
      tx,
      requests.map(({ body }) => body),
    ),
  ),
  route(contract.getQuote, async (tx, { params }) => toQuote(await quotes.get(tx, params.quoteId), tx.now())),
];

/** The same in the later dialect, where the target stands in the destination itself. */
export const flatQuoteRoutes = (quotes: Quotes): readonly Route[] => [
  batchRoute(DIALECT_OPERATIONS.createQuote, async (tx, requests) => {
    const bodies = requests.map(({ body }) => fromFlat(body));
    const made = await createAll(quotes, tx, bodies);
    return made.map((quote) => (quote instanceof ApiError ? flatRefusal(quote) : toFlat(quote)));
  }),
  route(DIALECT_OPERATIONS.getQuote, async (tx, { params }) =>
    toFlat(toQuote(await quotes.get(tx, params.quoteId), tx.now())),
  ),
];

function fromFlat({ destination, ...rest }: FlatQuoteRequest): contract.QuoteRequest {
  const { walletId, blockchainAddress, externalAccountId, ...others } = destination;
  const target = {
    ...(walletId !== undefined && { walletId }),
    ...(blockchainAddress !== undefined && { blockchainAddress }),
    ...(externalAccountId !== undefined && { externalAccountId }),
  };
  return {
    ...rest,
    destination: { ...others, ...(Object.keys(target).length > 0 && { wallet: target }) },
  };
}

function toFlat({ destination, ...rest }: contract.Quote): FlatQuote {
  const { wallet = {}, ...others } = destination;
  return {
    ...rest,
    destination: {
      ...others,
      ...(wallet.id !== undefined && { walletId: wallet.id }),
      ...(wallet.blockchainAddress !== undefined && { blockchainAddress: wallet.blockchainAddress }),
      ...(wallet.externalAccount !== undefined && { externalAccountId: wallet.externalAccount }),
    },
  };
}

/** Fields are named as they were sent. */
const flatRefusal = (error: ApiError): ApiError =>
  new ApiError(error.status, error.code, error.message, {
    details: error.details.map(({ field, issue }) => ({
      field: field.replace(/^destination\.wallet(?=\.|$)/, 'destination'),
      issue,
    })),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  });
