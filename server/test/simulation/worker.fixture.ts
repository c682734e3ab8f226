import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/kernel/log.ts';
import { startTestPostgres } from '../postgres-server.ts';
import { Bed } from './bed.ts';
import { type Outcome, simulate } from './simulation.ts';

/** Runs the seeds that its parent sends, one at a time, on a bed of its own; answers each outcome. Ends with its parent. */
export type SimulationReply = Outcome & { readonly durationMs: number };

const dir = await mkdtemp(join(tmpdir(), 'oms-sim-postgres-'));
const postgres = await startTestPostgres({ dir, log: silentLogger, settings: { autovacuum: 'off' } });
const bed = await Bed.open(postgres.templateUrl);

let last: Promise<void> = Promise.resolve();
process.on('message', (seed: number) => {
  last = last.then(() => run(seed));
});
process.once('SIGTERM', () => process.disconnect());
process.once('disconnect', () => {
  void last.then(close).finally(() => process.exit());
});
process.send?.('ready');

async function run(seed: number): Promise<void> {
  const startedMs = performance.now();
  const outcome = await simulate(bed, seed).catch(
    (error: Error): Outcome => ({ seed, findings: [error.stack ?? error.message], lines: [], digest: '' }),
  );
  const reply: SimulationReply = { ...outcome, durationMs: performance.now() - startedMs };
  if (process.connected) process.send?.(reply);
}

async function close(): Promise<void> {
  await bed.close();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
