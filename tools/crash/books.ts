import type pg from 'pg';
import { type Check, same, sameThings } from './check.ts';
import type { Done } from './done.ts';

const DEAD = `select count(*) from jobs where dead_at is not null`;

/** Cash-ins, their sends, deposits and the transfers of each, as the database has them. */
export async function checkBooks(client: pg.Client, done: Done): Promise<Check[]> {
  const count = async (sql: string): Promise<string> =>
    String((await client.query<{ count: string }>(sql)).rows[0]?.count);
  const toWallets = done.orders.length + done.means.length;
  const cashIns = toWallets + done.funding.length;
  const kinds = (toWallets > 0 ? 1 : 0) + (done.funding.length > 0 ? 1 : 0);
  const deposits = `deposits where from_address = '${done.outsider}'`;
  return [
    same(
      'cash-ins completed',
      cashIns,
      await count(`select count(*) from cash_ins where status = 'completed'`),
    ),
    same(
      'cash taken, by provider event',
      cashIns,
      await count(`select count(*) from provider_events where type = 'cash.deposited'`),
    ),
    same('sends of cash-ins', cashIns, await count(`select count(*) from sends where purpose = 'cash-in'`)),
    same(
      'cash-ins with a paid send',
      cashIns,
      await count(
        `select count(distinct resource_id) from sends where purpose = 'cash-in' and status = 'paid'`,
      ),
    ),
    // The same decisions, each once, for every cash-in to a wallet, and for every one to an address.
    same('kinds of books that cash-ins have', kinds, await count(BOOKS_OF_CASH_INS)),
    sameThings(
      'deposits credited',
      done.deposits.map(
        ({ address, amountMinor, txHash }) => `${txHash} ${address.toLowerCase()} ${amountMinor}`,
      ),
      (
        await client.query<{ deposit: string }>(
          `select tx_hash || ' ' || to_address || ' ' || amount as deposit from ${deposits} and status = 'credited'`,
        )
      ).rows.map(({ deposit }) => deposit),
    ),
    same(
      'transfers of deposits',
      done.deposits.length,
      await count(
        `select count(*) from ledger_transfers where group_id in (select deposit_id || '.credited' from ${deposits})`,
      ),
    ),
    same(
      'events of credited deposits',
      done.deposits.length,
      await count(`select count(*) from events where type = 'wallet.depositCredited'`),
    ),
    same('dead jobs', 0, await count(DEAD)),
    same('dead deliveries', 0, await count(`select count(*) from webhook_queue where state = 'dead'`)),
    same('deliveries that differ from the queue', 0, await count(LOST)),
  ];
}

/** Pending and in no queue, or done and still in one. Those of a deleted endpoint are failed, and in none. */
const LOST = `
  select count(*) from webhook_deliveries d
  left join webhook_queue q using (project_id, webhook_id, event_id)
  where (d.status = 'pending') is distinct from (coalesce(q.state, '') = 'due')`;

const BOOKS_OF_CASH_INS = `
  select count(distinct books) from (
    select string_agg(substr(group_id, length(cash_in_id) + 1) || ':' || position, ' ' order by group_id, position)
      || (destination_wallet_id is null) books
    from cash_ins left join ledger_transfers on group_id like cash_in_id || '.%'
    group by cash_in_id, destination_wallet_id) each_one`;

/** What is left to do, as text; empty when all work is finished. Timers that are not due are no work. */
export async function unfinished(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ what: string; count: string }>(UNFINISHED);
  return rows.map(({ what, count }) => `${count} ${what}`).join(', ');
}

/** A claimed job has its lease's end for the time it is due. */
const UNFINISHED = `
  with open as (
    select 'cash-ins ' || status as what from cash_ins where status not in ('completed', 'failed', 'expired')
    union all select 'payments ' || status || coalesce(' refund ' || refund_status, '') from transactions
      where status = 'processing' or refund_status = 'pending'
    union all select 'payouts ' || status from bank_payouts where status in ('queued', 'submitted')
    union all select 'sends ' || status from sends where status not in ('paid', 'failed')
    union all select 'batches ' || status from relay_batches where status not in ('final', 'superseded')
    union all select 'deposits ' || status from deposits where status = 'detected'
    union all select 'events without deliveries' from event_outbox
    union all select 'deliveries' from webhook_queue where state = 'due'
    union all select 'jobs ' || task from jobs
      where dead_at is null and (run_at <= now() or lease_token is not null))
  select what, count(*) as count from open group by what order by what`;
