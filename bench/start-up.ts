import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findAnvilBinary, startAnvil } from '../server/src/chain/local/anvil.ts';
import { BLOCK_GAS_LIMIT } from '../server/src/chain/local/genesis.ts';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import type { Bench } from './bench.ts';
import { startProduct } from './product.ts';
import type { Measurement } from './report.ts';
import { median } from './statistics.ts';

/** Any time does for a chain that is only started. */
const GENESIS_TIMESTAMP = 1_700_000_000;

type Durations = Record<'cold' | 'warm', { product: number[]; postgres: number[]; anvil: number[] }>;

/** From the spawn to ready, on a new home (cold) and on the same home again (warm). */
export async function measureStartUp(bench: Bench): Promise<Measurement[]> {
  const durations: Durations = {
    cold: { product: [], postgres: [], anvil: [] },
    warm: { product: [], postgres: [], anvil: [] },
  };
  for (let run = 0; run < bench.scale.startUps; run++) {
    const dir = await mkdtemp(join(bench.dir, 'start-'));
    for (const kind of ['cold', 'warm'] as const) {
      const product = await startProduct(bench, join(dir, 'home'));
      durations[kind].product.push(product.startedInMs);
      await product.stop();
      durations[kind].postgres.push(await timePostgres(bench, join(dir, 'postgres')));
      durations[kind].anvil.push(await timeAnvil(bench, dir));
    }
    await rm(dir, { recursive: true, force: true });
  }
  return (['cold', 'warm'] as const).map((kind) => {
    const { product, postgres, anvil } = durations[kind];
    return {
      name: `start-up, ${kind}`,
      value: median(product),
      unit: 'ms',
      limits: [
        { name: 'postgres', value: median(postgres) },
        { name: 'anvil', value: median(anvil) },
      ],
      // One after the other is the honest floor on one core; on more they overlap.
      shareOfLimit: (median(postgres) + median(anvil)) / median(product),
    };
  });
}

async function timePostgres(bench: Bench, dir: string): Promise<number> {
  const startedMs = performance.now();
  const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
  const durationMs = performance.now() - startedMs;
  bench.stops.push(postgres.stop);
  await postgres.stop();
  return durationMs;
}

async function timeAnvil(bench: Bench, dir: string): Promise<number> {
  const startedMs = performance.now();
  const anvil = await startAnvil({
    binary: findAnvilBinary(process.platform, process.arch),
    dir,
    chainId: 137,
    genesisTimestamp: GENESIS_TIMESTAMP,
    blockGasLimit: BLOCK_GAS_LIMIT,
  });
  const durationMs = performance.now() - startedMs;
  bench.stops.push(anvil.stop);
  await anvil.stop();
  return durationMs;
}
