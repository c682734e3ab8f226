import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWire } from '../../tools/conformance/wire.ts';
import { toText } from '../../tools/fuzz/report.ts';
import { runFuzz } from '../../tools/fuzz/run.ts';
import { createWorld, type World } from './world.ts';

const CONCURRENCY = 8;
const REQUESTS = 2_500;
const SEED = 20_260;
const DRAIN_EVERY = 100;
const STEP_MS = 600_000;
/** On a busy machine; otherwise some 20 s. */
const TIMEOUT_MS = 240_000;

let world: World;
const wire = openWire({ timeoutMs: 10_000, maxSockets: CONCURRENCY });
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  wire.close();
  await world.close({ expectFailures: true });
});

/** Time passes and the worker runs, once at a time, while others send. */
let draining = Promise.resolve();
const letTimePass = (): Promise<void> => {
  draining = draining.then(() => {
    world.advance(STEP_MS);
    return world.drain({ expectFailures: true });
  });
  return draining;
};

it(`answers ${REQUESTS} requests, valid, odd and wrong, as the contract says`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const { apiKey, apiSecret } = world.project;
  const report = await runFuzz({
    baseUrl: world.baseUrl,
    apiKey,
    apiSecret,
    wire: wire.send,
    requests: REQUESTS,
    seed: SEED,
    concurrency: CONCURRENCY,
    before: (index) => (index % DRAIN_EVERY === 0 ? letTimePass() : undefined),
  });
  expect(report.findings, toText(report)).toEqual([]);
  const completed = await world.client.cashIns.list({ status: 'completed' }).take(10);
  expect(completed.length, `no flow came to its end\n${toText(report)}`).toBeGreaterThan(0);
  const paid = await world.client.transactions.list({ type: 'cryptoToCrypto', status: 'completed' }).take(1);
  expect(paid.length, `no payment came to its end\n${toText(report)}`).toBe(1);
  await world.drain({ expectFailures: true });
  await world.checkInvariants();
});
