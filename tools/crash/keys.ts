import type pg from 'pg';
import { must } from '../../server/src/kernel/assert.ts';
import { type Check, same, sameThings } from './check.ts';
import type { Acknowledgement, Wire } from './wire.ts';

/** What a kind of request leaves behind: one row per key, known by an id that the client was told. */
interface Effect {
  readonly what: string;
  readonly method: 'POST' | 'DELETE';
  readonly path: RegExp;
  readonly sql: string;
  idOf(acknowledgement: Acknowledgement): unknown;
}

const fieldOf =
  (name: string) =>
  ({ body }: Acknowledgement): unknown =>
    (JSON.parse(body) as Record<string, unknown>)[name];

const EFFECTS: readonly Effect[] = [
  {
    what: 'customers',
    method: 'POST',
    path: /^\/customers$/,
    sql: 'select customer_id as id from customers',
    idOf: fieldOf('id'),
  },
  {
    what: 'wallets',
    method: 'POST',
    path: /^\/customers\/[^/]+\/wallets$/,
    sql: 'select wallet_id as id from wallets',
    idOf: fieldOf('id'),
  },
  {
    what: 'cash-ins',
    method: 'POST',
    path: /^\/cash-ins$/,
    sql: 'select cash_in_id as id from cash_ins',
    idOf: fieldOf('id'),
  },
  {
    what: 'loads authorized',
    method: 'POST',
    path: /^\/cash-ins\/simulate\/barcode-auth$/,
    sql: 'select confirmation_id as id from sandbox_cash_authorizations',
    idOf: fieldOf('confirmationId'),
  },
  {
    what: 'loads committed',
    method: 'POST',
    path: /^\/cash-ins\/simulate\/auth-commit$/,
    sql: `select commit_confirmation_id as id from sandbox_cash_authorizations where committed is not null`,
    idOf: fieldOf('confirmationId'),
  },
  {
    what: 'bank accounts',
    method: 'POST',
    path: /^\/customers\/[^/]+\/external-accounts$/,
    sql: 'select external_account_id as id from external_accounts',
    idOf: fieldOf('id'),
  },
  {
    what: 'quotes',
    method: 'POST',
    path: /^\/quotes$/,
    sql: 'select quote_id as id from quotes',
    idOf: fieldOf('id'),
  },
  {
    what: 'payments',
    method: 'POST',
    path: /^\/transactions$/,
    sql: 'select transaction_id as id from transactions where quote_id is not null',
    idOf: fieldOf('id'),
  },
  {
    what: 'endpoints',
    method: 'POST',
    path: /^\/webhooks$/,
    sql: 'select webhook_id as id from webhooks',
    idOf: fieldOf('id'),
  },
  {
    what: 'endpoints deleted',
    method: 'DELETE',
    path: /^\/webhooks\/[^/]+$/,
    sql: 'select webhook_id as id from webhooks where deleted_at is not null',
    idOf: ({ path }) => path.split('/').at(-1),
  },
];

/** Each acknowledged request has its effect exactly once: what is there is counted against the keys. */
export async function checkKeys(client: pg.Client, wire: Wire): Promise<Check[]> {
  const { acknowledged, contradicted } = wire;
  const idsOf = async (sql: string): Promise<string[]> =>
    (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  const checks = [
    sameThings(
      'keys with a reply',
      [...acknowledged.keys()],
      await idsOf('select key as id from idempotency_keys where status < 300'),
    ),
    same('keys answered in two ways', 0, contradicted.size),
  ];
  for (const { what, method, path, sql, idOf } of EFFECTS) {
    const told = [...acknowledged.values()].filter((each) => each.method === method && path.test(each.path));
    const ids = told.map((each) => String(must(idOf(each), `${what} have an id`)));
    checks.push(sameThings(`${what}, one per key`, ids, await idsOf(sql)));
  }
  return checks;
}
