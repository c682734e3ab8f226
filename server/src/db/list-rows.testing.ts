import type pg from 'pg';

/** Distances in time: two years of a million transactions. */
const STEP_SECONDS = 63;
const FIRST = new Date('2024-01-01T00:00:00Z');

export interface ListRows {
  readonly projectId: string;
  readonly transactions: number;
  readonly customers: number;
  /** When the first transaction was, and how much later each next one: two years ago and a minute, if nothing is said. */
  readonly first?: Date;
  readonly stepSeconds?: number;
}

/**
 * Fills the tables that lists are read from, as a project of two years has them: a transaction each minute, most of them
 * completed and the newest under way; customers of whom few have most and one has a twentieth of all; a cash-in for each
 * tenth transaction. As the superuser and without triggers: the rows have no ledger behind them. Analyzed at the end;
 * `more` is done before, in the same transaction, while there are the temporary tables `people` and `moments`.
 */
export async function fillLists(
  client: pg.Client,
  rows: ListRows,
  more: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { projectId, transactions, customers, first = FIRST, stepSeconds = STEP_SECONDS } = rows;
  await client.query('begin');
  await client.query(`set local session_replication_role = 'replica'`);
  await client.query(makePeople(customers, first));
  await client.query(makeMoments(transactions, first, stepSeconds));
  await client.query(FILL_CUSTOMERS, [projectId]);
  await client.query(FILL_WALLETS, [projectId]);
  await client.query(FILL_TRANSACTIONS, [projectId, transactions, customers]);
  await client.query(FILL_CASH_INS, [projectId]);
  await client.query(FILL_VIRTUAL_ACCOUNTS, [projectId]);
  await client.query(FILL_BANK_DEPOSITS, [projectId]);
  await client.query(FILL_BREAKS, [projectId]);
  await client.query(FILL_IGNORED_TRANSFERS, [projectId]);
  await client.query(FILL_EVENTS, [projectId]);
  await client.query(FILL_REQUESTS, [projectId]);
  await client.query(FILL_REQUEST_RESOURCES, [projectId]);
  await client.query(FILL_ACCOUNTS, [projectId]);
  await client.query(FILL_DAYS, [projectId]);
  await more();
  await client.query('commit');
  await client.query('analyze');
}

/**
 * The second half of a TypeID, for row n of that millisecond. One digit at a time: so PostgreSQL can inline it, as it
 * cannot a function that uses a costly argument twice.
 */
const digits = (value: string): string =>
  Array.from(
    { length: 10 },
    (_, place) =>
      `substr('0123456789abcdefghjkmnpqrstvwxyz', ((${value} >> ${5 * (9 - place)}) & 31)::integer + 1, 1)`,
  ).join(' || ');

const MADE = `select n, made_at, ${digits('ms')} || 'e00800' || ${digits('n')} suffix
  from (select n, made_at, (extract(epoch from made_at) * 1000)::bigint ms`;

/** Between 0 and 1, always the same of the same row and question. */
const chance = (question: number): string =>
  `((hashint8extended(n, ${question}) & 2147483647) / 2147483648.0::double precision)`;

const timeOf = (at: Date): string => `timestamptz '${at.toISOString()}'`;

const makePeople = (customers: number, first: Date): string => `
  create temporary table people on commit drop as
  select n, made_at, 'cst_' || suffix customer_id, 'wlt_' || suffix wallet_id, '0x' || lpad(to_hex(n), 40, '0') address
  from (${MADE} from (select n, ${timeOf(first)} - interval '1 day' + n * interval '1 second' made_at
    from generate_series(1, ${customers}::bigint) n) n) n) made`;

const makeMoments = (transactions: number, first: Date, stepSeconds: number): string => `
  create temporary table moments on commit drop as
  select n, made_at, suffix, '0x' || lpad(to_hex(n), 64, '0') hash
  from (${MADE} from (select n, ${timeOf(first)} + n * interval '${stepSeconds} seconds' made_at
    from generate_series(1, ${transactions}::bigint) n) n) n) made`;

/** The start of each transaction, which nearly all are; a cash-in here and there. */
const FILL_EVENTS = `
  insert into events (project_id, event_id, type, resource_id, sequence, data, created_at)
  select $1, 'evt_' || suffix,
    case n % 50 when 0 then 'cashIn.created' when 1 then 'transaction.cryptoToFiat.processing'
      else 'transaction.fiatToCrypto.processing' end,
    case n % 50 when 0 then 'ci_' else 'txn_' end || suffix, 1, '{}', made_at
  from moments order by n`;

const FILL_CUSTOMERS = `
  insert into customers (project_id, customer_id, type, status, first_name, last_name, name_key, last_name_key, email, external_id, metadata, missing_identity,
    created_at, updated_at)
  select $1, customer_id, 'individual', case when n % 200 = 0 then 'inactive' else 'active' end,
    format('First-%s', n), 'Last-' || letters, format('first-%s last-%s', n, letters), 'last-' || letters, format('customer-%s@example.com', n), format('external-%s', n), '{}', '{}', made_at, made_at
  from people, lateral (select translate(n::text, '0123456789', 'abcdefghij') letters) spelled order by n`;

const FILL_WALLETS = `
  insert into wallets (project_id, wallet_id, customer_id, asset, chain, address, key_index, status, created_at,
    updated_at)
  select $1, wallet_id, customer_id, 'usdc', 'polygon', address, n, 'active', made_at, made_at
  from people order by n`;

const FILL_TRANSACTIONS = `
  insert into transactions (project_id, transaction_id, type, status, cash_in_id, quote_id, virtual_account_id,
    deposit_address_id, sender_customer_id, recipient_customer_id, source_asset, source_network, source_gross,
    source_fee_oms, source_wallet_id, source_address, source_key_index, destination_asset, destination_network,
    destination_wallet_id, destination_address, destination_external_account_id, destination_gross, exchange_rate,
    sponsor_gas, metadata, tx_hash, error_code, error_message, created_at, updated_at, completed_at)
  select $1, 'txn_' || suffix, type, status,
    case when flow = 'cashIn' then 'ci_' || suffix end,
    case when flow in ('transfer', 'payment', 'payout') then 'qt_' || suffix end,
    case when flow = 'onRamp' then replace(sender.customer_id, 'cst', 'va') end,
    case when flow = 'offRamp' then replace(sender.customer_id, 'cst', 'da') end,
    sender.customer_id,
    case flow when 'payment' then null when 'transfer' then other.customer_id else sender.customer_id end,
    case type when 'fiatToCrypto' then 'usd' else 'usdc' end,
    case flow when 'cashIn' then 'cash' when 'onRamp' then 'ach' else 'polygon' end, 20000000, 100000,
    case when flow in ('transfer', 'payment', 'payout') then sender.wallet_id end,
    case when type <> 'fiatToCrypto' then sender.address end,
    case when type <> 'fiatToCrypto' then sender.n end,
    case type when 'cryptoToFiat' then 'usd' else 'usdc' end,
    case type when 'cryptoToFiat' then 'ach' else 'polygon' end,
    case when flow = 'transfer' then other.wallet_id when type = 'fiatToCrypto' then sender.wallet_id end,
    case when type <> 'cryptoToFiat' then other.address end,
    case when type = 'cryptoToFiat' then replace(sender.customer_id, 'cst', 'cpUsBank') end,
    19900000, '1.0', false, '{"order": "a sample of what an integrator keeps"}',
    case when status = 'completed' then hash end,
    case when status = 'failed' then 'recipient_blacklisted' end,
    case when status = 'failed' then 'The recipient cannot receive this token.' end,
    t.made_at, t.made_at, case when status = 'completed' then t.made_at end
  from (
    select *,
      case when flow in ('cashIn', 'onRamp') then 'fiatToCrypto' when flow in ('payout', 'offRamp') then 'cryptoToFiat'
        else 'cryptoToCrypto' end type,
      case when n > $2::bigint - $2 / 500 then 'processing' when luck < 0.03 then 'failed'
        when luck < 0.031 then 'processing' when flow = 'payout' and luck < 0.033 then 'cashPickupReady'
        else 'completed' end status,
      case when n % 20 = 0 then 1 else 1 + floor(${chance(1)} ^ 2 * $3::integer)::bigint end sender_n,
      1 + floor(${chance(2)} * $3)::bigint other_n
    from (
      select *, (array['cashIn', 'cashIn', 'onRamp', 'transfer', 'transfer', 'transfer', 'payment', 'payment',
        'payout', 'offRamp'])[1 + floor(${chance(3)} * 10)::integer] flow, ${chance(4)} luck
      from moments) n) t
  join people sender on sender.n = sender_n join people other on other.n = other_n order by t.n`;

/** For half of the transactions that cash began; the others' cash-ins are left out. */
const FILL_CASH_INS = `
  insert into cash_ins (project_id, cash_in_id, customer_id, status, sub_status, provider, indicated, deposited,
    deposited_at, destination_asset, destination_network, destination_wallet_id, destination_address, location_id,
    location_reference, location_name, location_address, max_deposit, code, code_expires_at, sponsor_gas, metadata,
    transaction_id, error_code, error_message, created_at, updated_at, completed_at)
  select project_id, cash_in_id, sender_customer_id, status, 'settled', 'greendot', 2000, 2000, created_at, 'usdc',
    'polygon', destination_wallet_id, destination_address, 'location', 'reference', 'A till', 'A street', 100000,
    transaction_id, created_at, false, '{}', transaction_id, error_code, error_message, created_at, created_at,
    completed_at
  from transactions where project_id = $1 and cash_in_id is not null and hashtext(transaction_id) % 2 = 0`;

/** One for each customer, under the id that the transactions name. */
const FILL_VIRTUAL_ACCOUNTS = `
  insert into virtual_accounts (project_id, virtual_account_id, customer_id, status, bank_name, account_number_sealed,
    account_number_hash, account_number_last4, routing_number, account_type, owner_name, accountholder_name,
    destination_asset, destination_network, destination_wallet_id, destination_address, metadata, created_at, updated_at)
  select $1, replace(customer_id, 'cst', 'va'), customer_id, case when n % 50 = 0 then 'paused' else 'active' end, 'bank',
    '', convert_to(customer_id, 'utf8'), '0000', '123456789', 'checking', 'owner', 'oms', 'usdc', 'polygon', wallet_id,
    address, '{}', made_at, made_at
  from people`;

const FILL_BANK_DEPOSITS = `
  insert into virtual_account_deposits (project_id, credit_id, virtual_account_id, customer_id, status, reason, rail,
    amount, sender_name, reference, transaction_id, created_at, updated_at)
  select project_id, replace(transaction_id, 'txn', 'bcr'), virtual_account_id, sender_customer_id,
    case status when 'completed' then 'delivered' when 'failed' then 'returned' else 'processing' end,
    case status when 'failed' then 'delivery_failed' end, 'ach', 20000000, 'sender', transaction_id, transaction_id,
    created_at, created_at
  from transactions where project_id = $1 and virtual_account_id is not null`;

const FILL_BREAKS = `
  insert into reconciliation_breaks (project_id, break_id, subject_type, subject_id, address, network, asset,
    ledger_minor, chain_minor, cause, block_number, status, first_run_id, first_seen_at, last_run_id, last_seen_at,
    closed_at)
  select $1, replace(customer_id, 'cst', 'brk'), 'wallet', wallet_id, address, 'polygon', 'usdc', 1, 0, 'unknown', n,
    status, 'rcn', made_at, 'rcn', made_at, case when status = 'closed' then made_at end
  from people, lateral (select case when n % 100 = 0 then 'open' else 'closed' end status) t`;

const FILL_IGNORED_TRANSFERS = `
  insert into ignored_transfers (project_id, ignored_transfer_id, network, reason, token, from_address, to_address,
    amount, tx_hash, log_index, block_number, block_hash, block_time, purpose, resource_id, created_at)
  select $1, replace(customer_id, 'cst', 'igt'), 'polygon', case when n % 100 = 0 then 'zero_value' else 'wrong_token' end,
    address, address, '0x' || lpad(to_hex(n / 10), 40, '0'), n, 'hash ' || n, 0, n, 'hash', made_at, 'wallet', wallet_id,
    made_at
  from people`;

/** A request for each transaction: half of them only look, one in a hundred fails. */
const FILL_REQUESTS = `
  insert into request_log (project_id, request_id, method, path, operation, status, duration_us, actor, idempotency_key,
    is_replay, error_code, query, request_body, response_body, resource_ids, created_at)
  select $1, 'req_' || suffix, case when n % 2 = 0 then 'GET' when n % 997 = 0 then 'DELETE' else 'POST' end,
    '/v0.9/cash-ins', case when n % 2 = 0 then 'listCashIns' when n % 997 = 0 then 'deleteWebhook' else 'createCashIn' end,
    case when n % 1000 = 7 then 500 when n % 100 = 7 then 422 else 200 end, 4000, 'apiKey:sk_sdbx_1',
    case when n % 2 = 1 then 'key-' || n end, false, null, null,
    '{"customerId": "a sample of what a request has"}', '{"id": "a sample of what an answer has", "object": "cashIn"}',
    array['txn_' || suffix], made_at
  from moments order by n`;

const FILL_REQUEST_RESOURCES = `
  insert into request_resources (project_id, resource_id, request_id, method, operation, status_class)
  select t.project_id, unnest(array[t.transaction_id, t.sender_customer_id]), l.request_id, l.method, l.operation,
    l.status_class
  from transactions t
  join request_log l on l.project_id = t.project_id and l.request_id = replace(t.transaction_id, 'txn', 'req')
  where t.project_id = $1`;

const FILL_ACCOUNTS = `
  insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
  select $1, kind || ':' || owner || ':' || asset, kind, owner, asset, side, made_at from (
    select made_at, 'customer_wallet' kind, wallet_id owner, 'usdc' asset, 'credit' side from people
    union all
    select made_at, 'customer_in_flight', customer_id, 'usd', 'credit' from people
    union all
    select min(made_at), 'treasury', 'polygon', 'usdc', 'debit' from people) accounts
  order by made_at`;

const FILL_DAYS = `
  insert into day_counts (project_id, day, name, total)
  select project_id, completed_at::date, 'payments.completed', count(*) from transactions
  where project_id = $1 and completed_at is not null group by 1, 2`;
