import { keccak256 } from 'viem/utils';
import { afterAll, beforeAll, expect } from 'vitest';
import { JsonRpc } from '../../src/chain/rpc.ts';
import { USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { addressWord, uintWord } from '../../src/chain/token/hex.ts';
import { must } from '../../src/kernel/assert.ts';
import { MINUTE_MS } from '../../src/kernel/clock.ts';
import { createWorld, type World } from '../world.ts';
import { inRounds } from './run.ts';

/** Selectors of FiatToken. */
const CALLS = {
  blacklist: '0xf9f92be4',
  unBlacklist: '0x1a895266',
  pause: '0x8456cb59',
  unpause: '0x3f4ba83a',
};
const ROUND_LIMIT_MS = 60_000;
const MAX_STEPS = 60;
/** Blocks after which the one before them is final. */
const FINAL_DEPTH = 3;

interface CashInDrill {
  readonly name: string;
  readonly cause: string;
  readonly expect: string;
  /** Brings the cause about; what it returns undoes it. */
  inject(wallet: string): Promise<() => Promise<void>>;
}

let world: World;
let node: JsonRpc;
beforeAll(async () => {
  world = await createWorld();
  node = new JsonRpc({ url: world.chain.url, timeoutMs: 10_000 });
});
afterAll(async () => {
  node.close();
  await world.close({ expectFailures: true });
});

/** FiatToken v2.2 keeps balances in the mapping at slot 9, as `balanceAndBlacklistStates`. */
const BALANCES_SLOT = 9;

/** Takes the treasury's tokens away, behind the back of the ledger; what to call to give them back. */
async function emptyTreasury(): Promise<() => Promise<void>> {
  const [row] = await world.sql<{ address: string }>(
    `select address from watched_addresses where purpose = 'treasury' and project_id = $1`,
    [world.project.projectId],
  );
  const holder = must(row, 'a project has a treasury').address;
  const slot = keccak256(`0x${addressWord(holder)}${uintWord(BALANCES_SLOT)}`);
  const held = await node.call<string>('eth_getStorageAt', [USDC_POLYGON, slot, 'latest']);
  expect(BigInt(held)).toBe(await world.tokenBalance(holder));
  const store = (word: string) => node.call('anvil_setStorageAt', [USDC_POLYGON, slot, word]);
  await store(`0x${uintWord(0)}`);
  return async () => void (await store(held));
}

const DRILLS: readonly CashInDrill[] = [
  {
    name: 'cash-in to a blacklisted wallet',
    cause: 'the token blacklists the customer’s wallet',
    expect: 'recipient_blacklisted',
    inject: async (wallet) => {
      await world.callToken(`${CALLS.blacklist}${addressWord(wallet)}`);
      return () => world.callToken(`${CALLS.unBlacklist}${addressWord(wallet)}`);
    },
  },
  {
    name: 'cash-in while the token is paused',
    cause: 'the token is paused until the authorization is dead',
    expect: 'token_paused',
    inject: async () => {
      await world.callToken(CALLS.pause);
      return () => world.callToken(CALLS.unpause);
    },
  },
  {
    name: 'cash-in from a treasury without tokens',
    cause: 'anvil_setStorageAt empties the treasury, of which the ledger knows nothing',
    expect: 'insufficient_onchain_balance',
    inject: emptyTreasury,
  },
];

for (const drill of DRILLS) {
  inRounds({ ...drill, isQuick: true }, ROUND_LIMIT_MS, async () => {
    await failsWithCode(drill);
    return [];
  });
}

async function failsWithCode(drill: CashInDrill): Promise<void> {
  const wallet = await world.wallet(await world.provisionedCustomer());
  const cashIn = await world.cashIn(wallet);
  const heal = await drill.inject(wallet.address);
  await world.payAtTill(cashIn, '100.00');
  await world.drain();
  const waiting = await world.client.cashIns.get(cashIn.id);
  // Relayed in vain, and still payable: nothing is given back before the authorization is dead.
  expect(waiting).toMatchObject({ status: 'processing' });
  expect(await world.client.wallets.balance(wallet.id)).toMatchObject({
    balance: '0.00',
    pendingBalance: '98.00',
  });
  for (let step = 0; step < MAX_STEPS; step++) {
    const { status } = await world.client.cashIns.get(cashIn.id);
    if (status === 'failed') break;
    world.advance(MINUTE_MS);
    await world.chain.mine(FINAL_DEPTH);
    await world.drain();
  }
  const failed = await world.client.cashIns.get(cashIn.id);
  expect(failed).toMatchObject({ status: 'failed' });
  const transactionId = String(failed.transactionId);
  const transaction = await world.client.transactions.get(transactionId);
  expect(transaction).toMatchObject({ status: 'failed', error: { code: drill.expect } });
  const events = await world.sql<{ code: string | null }>(
    `select data -> 'error' ->> 'code' as code from events
     where resource_id = $1 and type = 'transaction.fiatToCrypto.failed'`,
    [transactionId],
  );
  expect(events).toEqual([{ code: drill.expect }]);
  await heal();
  await world.chain.mine(FINAL_DEPTH);
  await world.drain();
  await world.checkInvariants();
  expect(await world.tokenBalance(wallet.address)).toBe(0n);
}
