import { setTimeout as delay } from 'node:timers/promises';
import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { Customer } from '@openoms/contract/customers.ts';
import type { SandboxTrouble, SandboxTroubleRequest } from '@openoms/contract/sandbox-trouble.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { SECOND_MS } from '../src/kernel/clock.ts';
import { createWorld, type World } from './world.ts';

/** After which the relayer sends again, and after which it offers more (relayer/fees.ts). */
const RESEND_MS = 3 * SECOND_MS;
const BUMP_MS = 20 * SECOND_MS;
const MAX_ROUNDS = 60;

let world: World;
let customer: Customer;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
});
/** Of its own for each test: customers have limits. */
beforeEach(async () => {
  customer = await world.provisionedCustomer();
  wallet = await world.wallet(customer);
});
/** Whatever went wrong is over, and the books are right. */
afterEach(async () => {
  await world.client.sandbox.trouble.deleteAll();
  world.advance(RESEND_MS);
  await world.drain({ expectFailures: true });
  await world.checkInvariants();
});
afterAll(() => world.close({ expectFailures: true }));

const make = (rule: SandboxTroubleRequest, client = world.client): Promise<SandboxTrouble> =>
  client.sandbox.trouble.create(rule);

async function happenedOf({ id }: SandboxTrouble): Promise<number> {
  const rules = await world.client.sandbox.trouble.list().take(100);
  return must(
    rules.find((rule) => rule.id === id),
    'the rule',
  ).happened;
}

const balanceOf = async ({ id }: Wallet) => (await world.client.wallets.balance(id)).availableBalance;

/** What a wallet told of its deposits. */
async function toldOf({ id }: Wallet): Promise<string[]> {
  const rows = await world.sql<{ type: string }>(
    `select type from events where resource_id = $1 and type like 'wallet.deposit%' order by sequence`,
    [id],
  );
  return rows.map(({ type }) => type.replace('wallet.deposit', ''));
}

const deposit = (to: Wallet, value: string) =>
  world.client.simulate.walletDeposit(to.id, { token: 'usdc', amount: { value } });

/** The worker works, and the chain goes on, whatever the node answers. */
async function endure(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await world.drain({ expectFailures: true }).catch(() => undefined);
    await world.chain.mine();
    world.advance(SECOND_MS);
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (await condition()) return;
    await endure(1);
  }
  expect(await condition()).toBe(true);
}

/** A cash-in whose delivery on chain is ordered. */
async function paidCashIn(): Promise<CashIn> {
  const cashIn = await world.cashIn(wallet);
  await world.payAtTill(cashIn, '100.00');
  return cashIn;
}

const statusOf = async ({ id }: CashIn) => (await world.client.cashIns.get(id)).status;
const isCompleted = (cashIn: CashIn) => async () => (await statusOf(cashIn)) === 'completed';

describe('chain.reorg', () => {
  it.each([1, 2, 7])(
    'takes back a deposit that was announced, %i blocks deep, and it comes again',
    async (depth) => {
      const to = await world.wallet(customer);
      const rule = await make({ kind: 'chain.reorg', depth });
      await deposit(to, '5.00');
      await world.drain();
      expect(await toldOf(to)).toEqual(['Detected', 'Detected', 'Credited']);
      expect(await balanceOf(to)).toBe('5.00');
      expect(await world.tokenBalance(to.address)).toBe(5_000_000n);
      expect(await happenedOf(rule)).toBe(1);
      const rows = await world.sql<{ status: string }>(
        'select status from deposits where resource_id = $1 order by status',
        [to.id],
      );
      expect(rows.map(({ status }) => status)).toEqual(['credited', 'orphaned']);
    },
  );

  it('is for each deposit of the project, and for no other project', async () => {
    const other = await world.newProject();
    const theirs = await world.wallet(await world.provisionedCustomer(other.client), other.client);
    const rule = await make({ kind: 'chain.reorg', times: 2 });
    await other.client.simulate.walletDeposit(theirs.id, { token: 'usdc', amount: { value: '1.00' } });
    await world.drain();
    expect(await happenedOf(rule)).toBe(0);
    for (const expected of [2, 2, 1]) {
      const to = await world.wallet(customer);
      await deposit(to, '2.00');
      await world.drain();
      expect((await toldOf(to)).filter((told) => told === 'Detected')).toHaveLength(expected);
      expect(await balanceOf(to)).toBe('2.00');
    }
    expect(await toldOf(theirs)).toEqual(['Detected', 'Credited']);
  });

  it('delays payments and deposits of others in the same blocks, and each is paid and credited once', async () => {
    const to = await world.wallet(customer);
    const other = await world.newProject();
    const theirs = await world.wallet(await world.provisionedCustomer(other.client), other.client);
    await make({ kind: 'chain.reorg', depth: 3 });
    const cashIns = [await paidCashIn(), await paidCashIn()];
    await other.client.simulate.walletDeposit(theirs.id, { token: 'usdc', amount: { value: '1.00' } });
    await deposit(to, '3.00');
    await world.drain();
    world.advance(RESEND_MS);
    await world.drain();
    for (const cashIn of cashIns) expect(await statusOf(cashIn)).toBe('completed');
    expect(await balanceOf(to)).toBe('3.00');
    expect(await toldOf(theirs)).toEqual(['Detected', 'Detected', 'Credited']);
  });
});

describe('chain.stalledFinality', () => {
  it('lets deposits be announced and payments be mined, and neither be final until it is over', async () => {
    const to = await world.wallet(customer);
    const rule = await make({ kind: 'chain.stalledFinality' });
    await deposit(to, '4.00');
    const cashIn = await paidCashIn();
    await endure(3);
    expect(await toldOf(to)).toEqual(['Detected']);
    expect(await balanceOf(to)).toBe('0.00');
    expect(await statusOf(cashIn)).toBe('processing');
    expect(await happenedOf(rule)).toBe(1);
    await world.client.sandbox.trouble.delete(rule.id);
    await world.drain();
    expect(await toldOf(to)).toEqual(['Detected', 'Credited']);
    expect(await statusOf(cashIn)).toBe('completed');
  });

  it('is over when its time is', async () => {
    const to = await world.wallet(customer);
    const rule = await make({ kind: 'chain.stalledFinality', durationSeconds: 1 });
    await deposit(to, '4.00');
    await endure(1);
    expect(await balanceOf(to)).toBe('0.00');
    await delay(Math.max(0, Date.parse(must(rule.endsAt, 'an end')) + SECOND_MS - Date.now()));
    await world.drain();
    expect(await balanceOf(to)).toBe('4.00');
  });

  it('does not keep a reorganisation from happening', async () => {
    const to = await world.wallet(customer);
    const stall = await make({ kind: 'chain.stalledFinality' });
    await make({ kind: 'chain.reorg', depth: 4 });
    await deposit(to, '4.00');
    await endure(4);
    expect(await toldOf(to)).toEqual(['Detected', 'Detected']);
    await world.client.sandbox.trouble.delete(stall.id);
    await world.drain();
    expect(await toldOf(to)).toEqual(['Detected', 'Detected', 'Credited']);
  });
});

describe('chain.rpcDown', () => {
  it('holds up payments and deposits until it is over', async () => {
    const to = await world.wallet(customer);
    const rule = await make({ kind: 'chain.rpcDown' });
    await deposit(to, '6.00');
    const cashIn = await paidCashIn();
    await endure(3);
    expect(await statusOf(cashIn)).toBe('processing');
    expect(await happenedOf(rule)).toBeGreaterThan(0);
    await world.client.sandbox.trouble.deleteAll();
    await until(isCompleted(cashIn));
    await until(async () => (await balanceOf(to)) === '6.00');
  });

  it('of a share of the calls is got over', async () => {
    const rule = await make({ kind: 'chain.rpcDown', share: '0.2', seed: 1 });
    const cashIns = [await paidCashIn(), await paidCashIn(), await paidCashIn()];
    for (const cashIn of cashIns) await until(isCompleted(cashIn));
    expect(await happenedOf(rule)).toBeGreaterThan(0);
  });
});

describe('chain.stuckNonce', () => {
  it('keeps the relayer’s next transaction from being mined, until it offers more', async () => {
    const rule = await make({ kind: 'chain.stuckNonce', times: 1 });
    const cashIn = await paidCashIn();
    await world.drain();
    world.advance(RESEND_MS);
    await world.drain();
    const behind = await paidCashIn();
    await world.drain();
    expect([await statusOf(cashIn), await statusOf(behind)]).toEqual(['processing', 'processing']);
    world.advance(BUMP_MS);
    await world.drain();
    expect([await statusOf(cashIn), await statusOf(behind)]).toEqual(['completed', 'completed']);
    expect(await happenedOf(rule)).toBe(1);
  });

  it('lets go when it is deleted', async () => {
    const rule = await make({ kind: 'chain.stuckNonce' });
    const cashIn = await paidCashIn();
    await endure(2);
    expect(await statusOf(cashIn)).toBe('processing');
    await world.client.sandbox.trouble.delete(rule.id);
    world.advance(RESEND_MS);
    await world.drain();
    expect(await statusOf(cashIn)).toBe('completed');
  });
});

describe('chain.feeSpike', () => {
  it('makes gas dear, which the relayer pays', async () => {
    const cashIn = await paidCashIn();
    const rule = await make({ kind: 'chain.feeSpike', factor: 10 });
    await until(isCompleted(cashIn));
    expect(await happenedOf(rule)).toBe(1);
  });

  it('beyond what the relayer pays holds up payments until it is over', async () => {
    const rule = await make({ kind: 'chain.feeSpike', factor: 1_000 });
    const to = await world.wallet(customer);
    const cashIn = await paidCashIn();
    await deposit(to, '7.00');
    await endure(5);
    expect(await statusOf(cashIn)).toBe('processing');
    expect(await balanceOf(to)).toBe('7.00');
    await world.client.sandbox.trouble.delete(rule.id);
    await until(isCompleted(cashIn));
  });
});

it.each(['chain.feeSpike', 'chain.stalledFinality'] as const)(
  '%s lasts: it has no share and no times',
  async (kind) => {
    await expect(make({ kind, share: '0.5', times: 2 })).rejects.toMatchObject({
      status: 400,
      details: [{ field: 'share' }, { field: 'times' }],
    });
  },
);
