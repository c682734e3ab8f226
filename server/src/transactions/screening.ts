import type { Tx } from '../db/database.ts';
import { notFound } from '../kernel/errors.ts';
import type { TransactionsDeps } from './deps.ts';
import type { ScreeningFinding } from './provider.ts';
import { insertReviews } from './review-store.ts';
import { findTransactions } from './store.ts';
import { toTransaction } from './view.ts';

/**
 * Opens a review for each finding that is new, and tells those who watch for compliance. The transaction is as it was:
 * its status, its times and the numbers of its events, by which its customer could learn of it.
 */
export async function openReviews(
  { ids, events, providerEvents }: TransactionsDeps,
  tx: Tx,
  provider: string,
  findings: readonly ScreeningFinding[],
): Promise<void> {
  const eventIds = findings.map(({ providerEventId }) => providerEventId);
  const accepted = await providerEvents.accept(tx, provider, eventIds, 'screening.reviewOpened');
  const news = findings.filter(({ providerEventId }) => accepted.delete(providerEventId));
  if (news.length === 0) return;
  const found = await findTransactions(
    tx,
    news.map(({ transactionId }) => transactionId),
  );
  const byId = new Map(found.map((row) => [row.transaction_id, row]));
  const reviews = news.map(({ transactionId }) => {
    const row = byId.get(transactionId);
    if (!row) throw notFound('transaction');
    return { reviewId: ids.next('review', tx), row };
  });
  await insertReviews(
    tx,
    reviews.map(({ reviewId, row }) => ({
      review_id: reviewId,
      transaction_id: row.transaction_id,
      provider,
      opened_at: tx.now(),
    })),
  );
  await events.record(
    tx,
    ...reviews.map(({ reviewId, row }) => ({
      type: `transaction.${row.type}.underReview`,
      resourceId: reviewId,
      data: toTransaction(row),
    })),
  );
}
