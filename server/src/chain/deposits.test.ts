import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heads } from './blocks.ts';
import type { RpcCall } from './rpc.ts';
import { REFUSED } from './rpc-proxy.testing.ts';
import { type SettlementWorld, startSettlementWorld } from './settlement.testing.ts';
import { USDC_POLYGON } from './token/contracts.ts';
import { addressWord } from './token/hex.ts';
import { TOPICS } from './token/logs.ts';

const TRAILING_STEPS = 4;
/** The chain keeps the state of 64 blocks, so it cannot take back more. */
const DEPTHS = [1, 2, 5, 17, 50];
/** More than twice what is read block by block. */
const BACKFILL_BLOCKS = 300;
const MAX_WIDTH = 50;
const MAX_TICKS = 200;

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld();
});
afterAll(() => world?.stop());
beforeEach(async () => {
  Object.assign(world.proxy.faults, { answer: () => undefined, finalAt: undefined });
  for (let i = 0; i < TRAILING_STEPS; i++) await world.step();
});

const told = (address: string) => ({
  detected: world.told.detected.filter(({ to }) => to === address),
  credited: world.told.credited.filter(({ to }) => to === address),
  orphaned: world.told.orphaned.filter(({ to }) => to === address),
});

/** Positions of the transfers to the address that the chain has in the end. */
async function onChain(address: string): Promise<string[]> {
  const filter = {
    fromBlock: '0x0',
    toBlock: 'latest',
    address: USDC_POLYGON,
    topics: [TOPICS.transfer, null, `0x${addressWord(address)}`],
  };
  const logs = await world.node.call<{ transactionHash: string; logIndex: string }[]>('eth_getLogs', [
    filter,
  ]);
  return logs.map(({ transactionHash, logIndex }) => `${transactionHash}:${Number(logIndex)}`);
}

async function expectEachCreditedOnce(address: string): Promise<void> {
  const { credited } = told(address);
  const positions = credited.map(({ txHash, logIndex }) => `${txHash}:${logIndex}`);
  expect(positions).toEqual(await onChain(address));
  const sum = credited.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  expect(sum).toBe(await world.balance(address));
}

/** Follows the chain as far as it goes by now, without a new block. */
async function follow(): Promise<void> {
  for (let i = 0; i < MAX_TICKS; i++) if (!(await world.chain.indexer.tick()).progress) return;
}

describe('a deposit', () => {
  it('is announced while its block may still go, and credited in no block before that is final', async () => {
    const { address } = await world.wallet(0n);
    await world.local.mintUsdc(address, 25n);
    const seen: string[] = [];
    await world.until(async () => {
      const { finalized } = await heads(world.node);
      const { detected, credited } = told(address);
      seen.push(`${detected.length} ${credited.length}`);
      for (const { blockNumber } of credited) expect(blockNumber).toBeLessThanOrEqual(finalized.number);
      return credited.length > 0;
    });
    expect([...new Set(seen)]).toEqual(['0 0', '1 0', '1 1']);
    await expectEachCreditedOnce(address);
  });

  it('is announced and not credited for as long as nothing becomes final', async () => {
    const { address } = await world.wallet(0n);
    world.proxy.faults.finalAt = (await heads(world.node)).finalized.number;
    await world.local.mintUsdc(address, 25n);
    for (let i = 0; i < 20; i++) await world.step();
    expect(told(address)).toMatchObject({ detected: [{ amountMinor: 25n }], credited: [], orphaned: [] });
    world.proxy.faults.finalAt = undefined;
    await world.until(() => told(address).credited.length > 0);
    await expectEachCreditedOnce(address);
  });

  it.each([false, true])(
    `is taken back by a reorganisation of any depth above final, with a restart meanwhile: %s`,
    async (restarts) => {
      const wallets: string[] = [];
      world.proxy.faults.finalAt = (await heads(world.node)).finalized.number;
      for (const depth of DEPTHS) {
        const { address } = await world.wallet(0n);
        wallets.push(address);
        await world.local.mintUsdc(address, BigInt(depth));
        await world.local.mine(depth);
        await follow();
        expect(told(address).detected).toHaveLength(1);
        await world.node.call('anvil_reorg', [depth, []]);
        if (restarts) await world.restart();
        await follow();
        expect(told(address).orphaned).toHaveLength(1);
        if ((await onChain(address)).length === 0) await world.local.mintUsdc(address, BigInt(depth));
        await world.local.mine();
        await follow();
        expect(told(address).detected).toHaveLength(2);
      }
      expect(world.told.credited.filter(({ to }) => wallets.includes(to))).toEqual([]);
      world.proxy.faults.finalAt = undefined;
      await world.until(() => wallets.every((address) => told(address).credited.length > 0));
      for (let i = 0; i < TRAILING_STEPS; i++) await world.step();
      for (const address of wallets) await expectEachCreditedOnce(address);
    },
  );

  it('among blocks that nobody read is credited once, in ranges that the node takes, through restarts', async () => {
    const { address } = await world.wallet(0n);
    const other = await world.wallet(0n);
    for (let block = 0; block < BACKFILL_BLOCKS; block += 20) {
      await world.local.mintUsdc(block % 40 === 0 ? address : other.address, BigInt(block + 1));
      await world.local.mine(20);
    }
    const widths: number[] = [];
    world.proxy.faults.answer = ({ method, params }: RpcCall) => {
      const filter = (params?.[0] ?? {}) as { fromBlock?: string; toBlock?: string; address?: unknown };
      if (method !== 'eth_getLogs' || !filter.fromBlock || !filter.address) return undefined;
      widths.push(Number(filter.toBlock) - Number(filter.fromBlock) + 1);
      return (widths.at(-1) ?? 0) > MAX_WIDTH ? REFUSED : undefined;
    };
    const finalized = (await heads(world.node)).finalized.number;
    for (let ticks = 1; ; ticks++) {
      expect(ticks).toBeLessThan(MAX_TICKS);
      await world.chain.indexer.tick().catch(() => undefined);
      const [cursor] = await world.query<{ at: bigint }>(
        'select finalized_number as at from indexer_cursors',
      );
      if (Number(cursor?.at) >= finalized) break;
      if (ticks % 8 === 0) await world.restart();
    }
    const [first = 0, second = 0] = widths;
    expect(first).toBeGreaterThan(2 * 64);
    expect(second).toBeGreaterThan(MAX_WIDTH);
    expect(widths.filter((width) => width <= MAX_WIDTH).length).toBeGreaterThan(3);
    for (const each of [address, other.address]) {
      expect((await onChain(each)).length).toBeGreaterThan(6);
      await expectEachCreditedOnce(each);
    }
  });
});
