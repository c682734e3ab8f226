import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { type AccountRef, conversion, custody, customerWallet, omsFees, treasury } from './chart.ts';
import { checkLedger } from './check.ts';
import { Ledger } from './ledger.ts';
import type { Balance, TransferGroup, TransferRequest } from './transfers.ts';

const NO_FUNDS = { refusal: 'insufficient_funds' };
const CANNOT_RESOLVE = { refusal: 'hold_unresolvable' };
const DUPLICATE = { refusal: 'exists' };

const ids = new TypeIds(systemClock);
const ledger = new Ledger();
const alice = customerWallet('wlt_alice', 'usdc');
const bob = customerWallet('wlt_bob', 'usdc');
const vault = custody('polygon', 'usdc');

let database: TestDatabase;
let project: string;
let groups = 0;

beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: 25 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  project = await createTestProject(database.db);
});

const apply = (...transfers: TransferRequest[]): Promise<void> =>
  applyGroups({ groupId: `group-${++groups}`, transfers });
const applyGroups = (...all: TransferGroup[]): Promise<void> =>
  database.db.tx(project, (tx) => ledger.apply(tx, ...all));
const single = (debit: AccountRef, credit: AccountRef, minor: bigint): TransferRequest => ({
  kind: 'single',
  debit,
  credit,
  minor,
});
const hold = (debit: AccountRef, credit: AccountRef, minor: bigint, transferId: string): TransferRequest => ({
  kind: 'pending',
  transferId,
  debit,
  credit,
  minor,
});
const balance = (account: AccountRef): Promise<Balance> =>
  database.db.tx(project, (tx) => ledger.balance(tx, account));
const countTransfers = (): Promise<number> =>
  database.db.tx(project, async (tx) => (await tx.query('select from ledger_transfers')).length);
const expectHealthy = async (): Promise<void> =>
  expect(await database.db.tx(project, checkLedger)).toEqual([]);

describe('a transfer', () => {
  it('moves money at once, from what an account has', async () => {
    await apply(single(vault, alice, 100n));
    await apply(single(alice, bob, 30n));
    expect(await balance(alice)).toEqual({ postedMinor: 70n, availableMinor: 70n, incomingMinor: 0n });
    expect(await balance(bob)).toEqual({ postedMinor: 30n, availableMinor: 30n, incomingMinor: 0n });
    expect(await balance(vault)).toMatchObject({ postedMinor: -100n });
    await expectHealthy();
  });

  it('keeps the balances it led to', async () => {
    await apply(single(vault, alice, 100n), single(alice, bob, 30n));
    const rows = await database.db.tx(project, (tx) =>
      tx.query(
        'select amount, debit_posted_after, credit_posted_after from ledger_transfers order by position',
      ),
    );
    expect(rows).toEqual([
      { amount: 100n, debit_posted_after: -100n, credit_posted_after: 100n },
      { amount: 30n, debit_posted_after: 70n, credit_posted_after: 30n },
    ]);
  });

  it('is refused when what we owe a customer would go below zero, and nothing is kept', async () => {
    await apply(single(vault, alice, 100n));
    await expect(apply(single(alice, bob, 101n))).rejects.toMatchObject(NO_FUNDS);
    expect(await balance(alice)).toMatchObject({ postedMinor: 100n });
    expect(await countTransfers()).toBe(1);
    await expectHealthy();
  });

  it('is refused when what we own would go below zero', async () => {
    const float = treasury('polygon', 'usdc');
    await apply(single(float, conversion('usdc'), 50n));
    await expect(apply(single(conversion('usdc'), float, 51n))).rejects.toMatchObject(NO_FUNDS);
    await apply(single(conversion('usdc'), float, 50n));
    expect(await balance(float)).toMatchObject({ postedMinor: 0n });
  });

  it('carries amounts beyond 64 bits', async () => {
    const minor = 10n ** 37n;
    await apply(single(vault, alice, minor));
    expect(await balance(alice)).toMatchObject({ postedMinor: minor });
  });

  it('moves something, of one asset, between two accounts', async () => {
    await expect(apply(single(vault, alice, 0n))).rejects.toThrow(/moves something/);
    await expect(apply(single(vault, alice, -1n))).rejects.toThrow(/moves something/);
    await expect(apply(single(vault, omsFees('usd'), 1n))).rejects.toThrow(/one asset/);
    await expect(apply(single(vault, vault, 1n))).rejects.toThrow(/two accounts/);
    expect(await countTransfers()).toBe(0);
  });
});

describe('a hold', () => {
  beforeEach(() => apply(single(vault, alice, 100n)));

  it('lowers what may be spent, not what is owed', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    expect(await balance(alice)).toEqual({ postedMinor: 100n, availableMinor: 40n, incomingMinor: 0n });
    expect(await balance(bob)).toEqual({ postedMinor: 0n, availableMinor: 0n, incomingMinor: 60n });
    await expect(apply(single(alice, bob, 41n))).rejects.toMatchObject(NO_FUNDS);
    await expect(apply(hold(alice, bob, 41n, 'tr_more'))).rejects.toMatchObject(NO_FUNDS);
    await apply(single(alice, bob, 40n));
    await expectHealthy();
  });

  it('becomes real when posted', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await apply({ kind: 'post', pendingId: 'tr_hold' });
    expect(await balance(alice)).toEqual({ postedMinor: 40n, availableMinor: 40n, incomingMinor: 0n });
    expect(await balance(bob)).toEqual({ postedMinor: 60n, availableMinor: 60n, incomingMinor: 0n });
    await expectHealthy();
  });

  it('releases the rest when posted in part', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await apply({ kind: 'post', pendingId: 'tr_hold', minor: 25n });
    expect(await balance(alice)).toEqual({ postedMinor: 75n, availableMinor: 75n, incomingMinor: 0n });
    expect(await balance(bob)).toEqual({ postedMinor: 25n, availableMinor: 25n, incomingMinor: 0n });
    await expectHealthy();
  });

  it('leaves no trace in the balances when voided', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await apply({ kind: 'void', pendingId: 'tr_hold' });
    expect(await balance(alice)).toEqual({ postedMinor: 100n, availableMinor: 100n, incomingMinor: 0n });
    expect(await balance(bob)).toEqual({ postedMinor: 0n, availableMinor: 0n, incomingMinor: 0n });
    await expectHealthy();
  });

  it('cannot be posted beyond its amount, nor for nothing', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await expect(apply({ kind: 'post', pendingId: 'tr_hold', minor: 61n })).rejects.toMatchObject(
      CANNOT_RESOLVE,
    );
    for (const minor of [0n, -1n]) {
      await expect(apply({ kind: 'post', pendingId: 'tr_hold', minor })).rejects.toThrow(/moves something/);
    }
    expect(await balance(alice)).toMatchObject({ availableMinor: 40n });
  });

  it.each(['post', 'void'] as const)('is resolved once: no second resolution after a %s', async (first) => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await apply({ kind: first, pendingId: 'tr_hold' });
    for (const kind of ['post', 'void'] as const) {
      await expect(apply({ kind, pendingId: 'tr_hold' })).rejects.toMatchObject(CANNOT_RESOLVE);
    }
    await expectHealthy();
  });

  it('is resolved once by ten connections that try together', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    const kinds = Array.from({ length: 10 }, (_, index) =>
      index % 2 === 0 ? ('post' as const) : ('void' as const),
    );
    const results = await Promise.allSettled(kinds.map((kind) => apply({ kind, pendingId: 'tr_hold' })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(CANNOT_RESOLVE);
    }
    await expectHealthy();
  });

  it('is a pending transfer of this project: nothing else can be resolved', async () => {
    await apply(hold(alice, bob, 60n, 'tr_hold'));
    await expect(apply({ kind: 'post', pendingId: 'tr_unknown' })).rejects.toMatchObject(CANNOT_RESOLVE);
    const single = await database.db.tx(project, (tx) =>
      tx.query<{ transfer_id: string }>(`select transfer_id from ledger_transfers where kind = 'single'`),
    );
    for (const { transfer_id: pendingId } of single) {
      await expect(apply({ kind: 'void', pendingId })).rejects.toMatchObject(CANNOT_RESOLVE);
    }
    project = await createTestProject(database.db);
    await expect(apply({ kind: 'void', pendingId: 'tr_hold' })).rejects.toMatchObject(CANNOT_RESOLVE);
  });
});

describe('groups', () => {
  it('are applied whole or not at all', async () => {
    await apply(single(vault, alice, 100n));
    await expect(
      applyGroups(
        { groupId: 'a', transfers: [single(alice, bob, 50n), hold(alice, bob, 20n, 'tr_a')] },
        { groupId: 'b', transfers: [single(alice, bob, 31n)] },
      ),
    ).rejects.toMatchObject(NO_FUNDS);
    expect(await balance(alice)).toEqual({ postedMinor: 100n, availableMinor: 100n, incomingMinor: 0n });
    expect(await countTransfers()).toBe(1);
    await expectHealthy();
  });

  it('see their own earlier transfers', async () => {
    await applyGroups(
      { groupId: 'a', transfers: [single(vault, alice, 100n), hold(alice, bob, 100n, 'tr_a')] },
      { groupId: 'b', transfers: [{ kind: 'post', pendingId: 'tr_a' }, single(bob, alice, 10n)] },
    );
    expect(await balance(alice)).toMatchObject({ postedMinor: 10n });
    expect(await balance(bob)).toMatchObject({ postedMinor: 90n });
    await expectHealthy();
  });

  it('name a decision that is made once', async () => {
    const group = { groupId: 'ci_1.committed', transfers: [single(vault, alice, 100n)] };
    await applyGroups(group);
    await expect(applyGroups(group)).rejects.toMatchObject(DUPLICATE);
    await expect(
      applyGroups({ groupId: 'ci_1.committed', transfers: [single(vault, bob, 1n), single(vault, bob, 1n)] }),
    ).rejects.toMatchObject(DUPLICATE);
    expect(await balance(alice)).toMatchObject({ postedMinor: 100n });
    project = await createTestProject(database.db);
    await applyGroups(group);
  });

  it('name a decision that ten connections make once', async () => {
    const decide = () => applyGroups({ groupId: 'ci_1.committed', transfers: [single(vault, alice, 100n)] });
    const results = await Promise.allSettled(Array.from({ length: 10 }, decide));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await balance(alice)).toMatchObject({ postedMinor: 100n });
  });
});

describe('many at once', () => {
  it('spend no more than there is: of fifty spends of 10 from 100, ten win', async () => {
    await apply(single(vault, alice, 100n));
    const other = database.connect();
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? database.db : other).tx(project, (tx) =>
          ledger.apply(tx, { groupId: `spend-${index}`, transfers: [single(alice, bob, 10n)] }),
        ),
      ),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(40);
    for (const { reason } of refused) expect(reason).toMatchObject(NO_FUNDS);
    expect(await balance(alice)).toMatchObject({ postedMinor: 0n, availableMinor: 0n });
    expect(await balance(bob)).toMatchObject({ postedMinor: 100n });
    await expectHealthy();
  });

  it('move money to and fro, and between accounts not yet opened, without losing any', async () => {
    await apply(single(vault, alice, 1_000n), single(vault, bob, 1_000n));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const carol = customerWallet(`wlt_${index % 3}`, 'usdc');
        const [from, to] = index % 2 === 0 ? [alice, bob] : [bob, alice];
        return apply(
          single(from, to, 5n),
          single(to, carol, 1n),
          hold(from, carol, 1n, ids.next('transfer')),
        );
      }),
    );
    await expectHealthy();
    const { rows } = await database.db.tx(project, async (tx) => ({
      rows: await tx.query<{ total: bigint }>(
        `select sum(credits_posted - debits_posted) total from ledger_accounts where kind = 'customer_wallet'`,
      ),
    }));
    expect(rows).toEqual([{ total: 2_000n }]);
  });
});
