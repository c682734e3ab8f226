import type { Tx } from '../db/database.ts';

/**
 * A transfer to one of the project's addresses was sent: a seeded project is not at rest before it has arrived. What has
 * not within a minute may never, and is awaited no longer.
 */
export async function awaitTransfer(tx: Tx, txHash: string | undefined): Promise<void> {
  if (!tx.draws || txHash === undefined) return;
  await tx.query(
    `update project_clocks set awaited_until = now() + interval '1 minute', awaited_transfers = $2::text || array(
       select hash from unnest(awaited_transfers) hash where not has_arrived(hash))
     where project_id = $1`,
    [tx.scope, txHash],
  );
}
