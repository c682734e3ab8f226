import { createChain } from '../../src/chain/chain.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { chainOptions } from './outcomes.ts';

/** What `settlement.fixture.ts` is given, as JSON: settlement in a process that can be killed and frozen. */
export interface SettlementProcessOptions {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly socketPath: string;
  /** ISO 8601; the clock then moves by messages of milliseconds. */
  readonly now: string;
}

const { now, ...parts } = JSON.parse(process.argv[2] ?? '') as SettlementProcessOptions;
const clock = new ManualClock(new Date(now));
process.on('message', (durationMs: number) => clock.advance(durationMs));
process.on('disconnect', () => process.exit(0));
await createChain(chainOptions({ ...parts, clock })).start();
process.send?.('ready');
