import type pg from 'pg';
import { fillLists } from '../server/src/db/list-rows.testing.ts';

/** As long as events are kept, and longer than requests are: each day is a partition of its own. */
const DAYS = 30;
const DAY_SECONDS = 86_400;

/** Under these ids in every fill. */
export const WEBHOOK = 'whk_0000000000e008000000000001';
export const FAILING_WEBHOOK = 'whk_0000000000e008000000000002';

export interface ConsoleRows {
  readonly projectId: string;
  readonly transactions: number;
  readonly now: Date;
}

/**
 * A project of so many transactions within the last days, ending now, with all that the dashboard lists of them: beside
 * the rows of `fillLists`, quotes, sends, transfers of the ledger, deliveries to an endpoint that takes nearly all and to
 * one that takes nothing, and an audit log. With its indexes in place; a million transactions take some minutes.
 */
export async function fillConsole(client: pg.Client, rows: ConsoleRows): Promise<void> {
  const { projectId, transactions, now } = rows;
  const first = new Date(now.getTime() - DAYS * DAY_SECONDS * 1_000);
  for (let day = 0; day <= DAYS; day++) {
    const date = new Date(first.getTime() + day * DAY_SECONDS * 1_000).toISOString().slice(0, 10);
    await client.query('select ensure_event_day($1), ensure_request_day($1)', [date]);
  }
  const customers = Math.max(100, transactions / 10);
  const stepSeconds = (DAYS * DAY_SECONDS) / transactions;
  await fillLists(client, { projectId, transactions, customers, first, stepSeconds }, async () => {
    for (const fill of FILLS) await client.query(fill, [projectId]);
  });
  await client.query('vacuum analyze');
}

const FILL_QUOTES = `
  insert into quotes (project_id, quote_id, customer_id, type, status, source_wallet_id, source_asset, source_network,
    source_gross, fee_developer, fee_oms, fee_gas, destination_wallet_id, destination_address,
    destination_external_account_id, destination_asset, destination_network, destination_gross, exchange_rate, fixed_side,
    developer_fees, sponsor_gas, gas_cost, metadata, transaction_id, expires_at, created_at, updated_at)
  select project_id, quote_id, sender_customer_id, type, 'accepted', source_wallet_id, source_asset, source_network,
    source_gross, 0, source_fee_oms, 0, destination_wallet_id, destination_address, destination_external_account_id,
    destination_asset, destination_network, destination_gross, exchange_rate, fixed_side, '[]', false, 0, '{}',
    transaction_id, created_at, created_at, created_at
  from transactions where project_id = $1 and quote_id is not null order by quote_id`;

const FILL_SENDS = `
  insert into sends (project_id, send_id, network, asset, from_key_index, from_address, to_address, amount, purpose,
    resource_id, books_recipient, status, valid_before, authorization_nonce, relays, tx_hash, block_number, log_index,
    created_at, settled_at)
  select project_id, replace(transaction_id, 'txn', 'snd'), 'polygon', 'usdc', 1, coalesce(source_address, t.treasury),
    coalesce(destination_address, t.treasury), destination_gross, 'payment', transaction_id, true, 'paid', 1, tx_hash, 1,
    tx_hash, 1, 0, created_at, completed_at
  from transactions, (select '0x' || repeat('e', 40) treasury) t
  where project_id = $1 and status = 'completed' order by transaction_id`;

/** One of each transaction: from the treasury into a wallet, whose books they fill alone. */
const FILL_TRANSFERS = `
  insert into ledger_transfers (project_id, batch_id, group_id, position, kind, debit_no, credit_no, amount,
    debit_posted_after, debit_reserved_after, debit_incoming_after, credit_posted_after, credit_reserved_after,
    credit_incoming_after, created_at)
  select t.project_id, row_number() over place / 20 + 1, t.transaction_id || '.paid', 1, 'single', treasury.account_no,
    wallet.account_no, 1000000, row_number() over place * -1000000, 0, 0,
    row_number() over (partition by wallet.account_no order by t.transaction_id) * 1000000, 0, 0, t.created_at
  from transactions t
  join wallets w on w.project_id = t.project_id and w.customer_id = t.sender_customer_id
  join ledger_accounts wallet on wallet.project_id = t.project_id
    and wallet.account_id = 'customer_wallet:' || w.wallet_id || ':usdc'
  join ledger_accounts treasury on treasury.project_id = t.project_id and treasury.kind = 'treasury'
  where t.project_id = $1
  window place as (order by t.transaction_id) order by t.transaction_id`;

const FILL_BATCHES = `
  insert into ledger_batches (project_id, batch_id, transfers, digest, created_at, chain_position, chain_hash)
  overriding system value
  select project_id, batch_id, count(*), sha256(''), max(created_at), batch_id, sha256('')
  from ledger_transfers where project_id = $1 group by project_id, batch_id`;

const BALANCE_ACCOUNTS = `
  update ledger_accounts a set credits_posted = sums.credits, debits_posted = sums.debits
  from (select account_no, sum(credit) credits, sum(debit) debits from (
      select credit_no account_no, amount credit, 0 debit from ledger_transfers where project_id = $1
      union all select debit_no, 0, amount from ledger_transfers where project_id = $1) entries group by account_no) sums
  where a.account_no = sums.account_no`;

const FILL_WEBHOOKS = `
  insert into webhooks (project_id, webhook_id, url, events, enabled, secret_sealed, created_at, updated_at)
  select $1, id, 'https://example.com/' || id, array['*'], true, '', now(), now()
  from unnest(array['${WEBHOOK}', '${FAILING_WEBHOOK}']) id`;

const FILL_HEALTH = `
  insert into webhook_health (project_id, webhook_id) select project_id, webhook_id from webhooks where project_id = $1`;

/** All events to one endpoint, of which very few wait or were given up; a tenth to one that takes one in ten thousand. */
const FILL_DELIVERIES = `
  insert into webhook_deliveries (project_id, event_id, webhook_id, delivery_id, event_type, status, attempts, created_at,
    updated_at)
  select $1, 'evt_' || suffix, '${WEBHOOK}', 'whd_' || suffix, 'transaction.fiatToCrypto.processing',
    case when n % 100000 = 17 then 'failed' when n % 100000 = 18 then 'pending' else 'delivered' end, 1, made_at, made_at
  from moments
  union all
  select $1, 'evt_' || suffix, '${FAILING_WEBHOOK}', 'whd_' || replace(suffix, 'e00800', 'e00801'),
    'transaction.fiatToCrypto.processing', case when n % 10000 = 0 then 'delivered' else 'failed' end, 12, made_at, made_at
  from moments where n % 10 = 0`;

const FILL_QUEUE = `
  insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, state, in_order,
    attempts, due_at)
  select project_id, webhook_id, event_id, delivery_id, replace(event_id, 'evt', 'txn'), 1,
    case status when 'failed' then 'dead' else 'due' end, false, attempts, created_at
  from webhook_deliveries where project_id = $1 and status <> 'delivered'`;

const FILL_ATTEMPTS = `
  insert into webhook_attempts (project_id, event_id, delivery_id, attempt, url, signed_at, status_code, duration_ms,
    attempted_at)
  select project_id, event_id, delivery_id, 1, 'https://example.com/', created_at, 204, 12, created_at
  from webhook_deliveries where project_id = $1 and webhook_id = '${WEBHOOK}'`;

const FILL_AUDIT = `
  insert into audit_entries (project_id, audit_entry_id, position, actor, action, resource_id, details, created_at, hash)
  select $1, 'aud_' || suffix, n, 'user:usr_1', case when n % 1000 = 0 then 'webhook.created' else 'settings.updated' end,
    case when n % 1000 = 0 then 'whk_' || suffix else $1 end, '{}', made_at, sha256('')
  from moments where n % 10 = 0`;

/** Of what happened since the sums were last folded: a busy minute. */
const FILL_DAY_CHANGES = `
  insert into day_count_changes (project_id, day, name, amount)
  select $1, now()::date, (array['payments.completed', 'volume.cashIn', 'deliveries.delivered'])[1 + n % 3], 1
  from generate_series(1, 5000) n`;

const FILLS = [
  FILL_QUOTES,
  FILL_SENDS,
  FILL_TRANSFERS,
  FILL_BATCHES,
  BALANCE_ACCOUNTS,
  FILL_WEBHOOKS,
  FILL_HEALTH,
  FILL_DELIVERIES,
  FILL_QUEUE,
  FILL_ATTEMPTS,
  FILL_AUDIT,
  FILL_DAY_CHANGES,
];
