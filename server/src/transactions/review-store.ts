import type { Tx } from '../db/database.ts';

export interface ReviewRow {
  review_id: string;
  transaction_id: string;
  provider: string;
  opened_at: Date;
}

export async function insertReviews(tx: Tx, reviews: readonly ReviewRow[]): Promise<void> {
  await tx.query(
    `insert into transaction_reviews (project_id, review_id, transaction_id, provider, opened_at)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      tx.scope,
      reviews.map(({ review_id }) => review_id),
      reviews.map(({ transaction_id }) => transaction_id),
      reviews.map(({ provider }) => provider),
      reviews.map(({ opened_at }) => opened_at),
    ],
  );
}
