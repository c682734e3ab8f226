import * as contract from '@openoms/contract/quotes.ts';
import { batchRoute, type Route, route } from '../http/operation.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import type { Quotes } from './service.ts';
import { toQuote } from './view.ts';

export const quoteRoutes = (quotes: Quotes, clock: Clock): readonly Route[] => [
  batchRoute(contract.createQuote, async (tx, requests) => {
    const made = await quotes.create(
      tx,
      requests.map(({ body }) => body),
    );
    return made.map((quote) => (quote instanceof ApiError ? quote : toQuote(quote, clock.now())));
  }),
  route(contract.getQuote, async (tx, { params }) =>
    toQuote(await quotes.get(tx, params.quoteId), clock.now()),
  ),
];
