import type { TransactionRequest } from '@openoms/contract/transactions.ts';
import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { ApiError, validationError } from '../kernel/errors.ts';
import type { Quotes } from '../quotes/service.ts';
import type { Transactions } from './service.ts';
import type { NewTransaction, TransactionRow } from './store.ts';

/** Contract 1.4 allows 20 pairs. */
const MAX_METADATA = 20;

/** Quotes become transactions: accepted, funds held and their delivery ordered in one commit. */
export class Execution {
  readonly #quotes: Quotes;
  readonly #transactions: Transactions;

  constructor(quotes: Quotes, transactions: Transactions) {
    this.#quotes = quotes;
    this.#transactions = transactions;
  }

  /** Each decided by itself, in order: a transaction, or why there is none; then its quote is as it was. */
  async run(tx: Tx, bodies: readonly TransactionRequest[]): Promise<(TransactionRow | ApiError)[]> {
    const quoted = await this.#quotes.toExecute(
      tx,
      bodies.map(({ quoteId }) => quoteId),
    );
    const wanted = quoted.map((transaction, index) =>
      transaction instanceof ApiError
        ? transaction
        : asAsked(transaction, must(bodies[index], 'a body each')),
    );
    // Of several that meet over one quote the first is tried; the others learn what became of it.
    const tried = new Map<string | null | undefined, NewTransaction>();
    for (const each of wanted) {
      if (!(each instanceof ApiError) && !tried.has(each.quote_id)) tried.set(each.quote_id, each);
    }
    const transactions = [...tried.values()];
    const outcomes = await this.#transactions.execute(tx, transactions);
    const outcomeOf = new Map(transactions.map((each, index) => [each.quote_id, outcomes[index]]));
    await this.#quotes.accepted(
      tx,
      outcomes.filter((outcome) => outcome !== 'insufficient_funds'),
    );
    return wanted.map((each) => {
      if (each instanceof ApiError) return each;
      const outcome = must(outcomeOf.get(each.quote_id), 'each has an outcome');
      if (outcome === 'insufficient_funds') return insufficientFunds();
      return tried.get(each.quote_id) === each ? outcome : this.#quotes.alreadyAccepted();
    });
  }
}

/** The transaction with what its request adds. */
function asAsked(transaction: NewTransaction, body: TransactionRequest): NewTransaction | ApiError {
  const { sourceWalletAddress: address } = body;
  if (address !== undefined && address.toLowerCase() !== transaction.source_address?.toLowerCase()) {
    return validationError([{ field: 'sourceWalletAddress', issue: 'is not the address of the source' }]);
  }
  const metadata = { ...transaction.metadata, ...body.metadata };
  if (Object.keys(metadata).length > MAX_METADATA) {
    return validationError([
      { field: 'metadata', issue: `has more than ${MAX_METADATA} keys with those of the quote` },
    ]);
  }
  return { ...transaction, metadata };
}

const insufficientFunds = (): ApiError =>
  new ApiError(422, 'insufficient_funds', 'The source wallet does not hold enough that is free to spend.', {
    details: [{ field: 'quoteId', issue: 'the amount of its source is not available' }],
  });
