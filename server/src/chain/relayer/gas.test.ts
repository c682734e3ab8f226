import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toQuantity } from '../blocks.ts';
import { type SettlementWorld, startSettlementWorld } from '../settlement.testing.ts';
import { POLYGON_RELAYER } from './fees.ts';

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld();
});
afterAll(() => world.stop());

interface Step {
  readonly op: string;
  readonly gasCost: number;
}

const EIP_7825_MAX_GAS = 2 ** 24;
/** Room for the next repricing. */
const MOST_USED = 0.8;

/** Gas of steps as EIP-2929 and EIP-3529 have it; the steps of a transfer that change a slot have read it before. */
const COLD_SLOAD = 2_100;
const WARM_RESET = 2_900;

/** What Polygon charges more than other chains for a step, since its Chicago hard fork of May 2026 (PIP-88). */
function surchargeOf({ op, gasCost }: Step): number {
  if (op === 'SLOAD' && gasCost === COLD_SLOAD) return 5_460 - COLD_SLOAD;
  if (op === 'SSTORE' && gasCost === WARM_RESET) return 2_060 - WARM_RESET;
  return 0;
}

test('a full batch of first transfers has gas enough at Polygon’s prices, and asks for no more than EIP-7825 allows', async () => {
  const { maxBatch, gasBase, gasPerTransfer } = POLYGON_RELAYER;
  for (let i = 0; i < maxBatch; i++) {
    const wallet = await world.wallet(10n);
    await world.send(wallet, `0x${randomBytes(20).toString('hex')}`, 1n, false);
  }
  await world.local.mine();
  await world.until(() => world.told.paid.length === maxBatch);
  const [hash, ...others] = new Set(world.told.paid.map(({ txHash }) => txHash));
  expect(others).toEqual([]);
  const sent = await world.node.call<{
    from: string;
    to: string;
    input: string;
    blockNumber: string;
    gas: string;
  }>('eth_getTransactionByHash', [hash]);
  const receipt = await world.node.call<{ gasUsed: string }>('eth_getTransactionReceipt', [hash]);
  const { structLogs } = await world.node.call<{ structLogs: Step[] }>('debug_traceCall', [
    { from: sent.from, to: sent.to, data: sent.input, gas: sent.gas },
    toQuantity(Number(sent.blockNumber) - 1),
    { disableStorage: true, disableStack: true, disableMemory: true },
  ]);
  const surcharge = structLogs.reduce((sum, step) => sum + surchargeOf(step), 0);
  const used = Number(receipt.gasUsed) + surcharge;
  const reserved = Number(gasBase) + Number(gasPerTransfer) * maxBatch;
  expect(structLogs.length).toBeGreaterThan(0);
  expect(used).toBeLessThan(MOST_USED * reserved);
  expect(reserved).toBeLessThanOrEqual(EIP_7825_MAX_GAS);
});
