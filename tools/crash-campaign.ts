import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CampaignResult, runCampaign } from './crash/campaign.ts';
import { isBreach } from './crash/check.ts';
import type { Kill } from './crash/killing.ts';
import { TARGETS } from './crash/targets.ts';

/**
 * `npm run crash [-- --kills 20 --cash-ins 200 --deposits 40 --payments 80 --seed 1]`: kill -9 of one process, of several or of all
 * at random instants under mixed load, then proof that nothing was lost and nothing happened twice. Exit code 1 on any
 * breach; its home is then kept.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    'cash-ins': { type: 'string' },
    deposits: { type: 'string' },
    payments: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const MIN_CASH_INS = 200;
const CASH_INS_PER_KILL = 5;
const DEPOSITS_PER_KILL = 2;
const PAYMENTS_PER_KILL = 4;

const kills = Number(values.kills);
const home = await realpath(await mkdtemp(join(tmpdir(), 'oms-crash-')));
const startedMs = performance.now();
const result = await runCampaign({
  home,
  kills,
  cashIns: Number(values['cash-ins'] ?? Math.max(MIN_CASH_INS, CASH_INS_PER_KILL * kills)),
  deposits: Number(values.deposits ?? DEPOSITS_PER_KILL * kills),
  payments: Number(values.payments ?? PAYMENTS_PER_KILL * kills),
  seed: Number(values.seed),
  report: (line) => console.log(line),
});
console.table(result.checks.map(({ isMet, ...row }) => ({ ...row, verdict: isMet ? 'ok' : 'BREACH' })));
console.table(byTarget(result.kills));
console.log(summaryOf(result));
if (result.checks.some(isBreach)) {
  console.log(`BREACH; everything is kept in ${home}`);
  process.exitCode = 1;
} else {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}

/** Kills by target, and how long until all was well again after those that no other kill followed before. */
function byTarget(all: readonly Kill[]): object[] {
  return TARGETS.map((target) => {
    const hits = all.filter((kill) => kill.target === target);
    const healed = hits.flatMap(({ healedMs }) => healedMs ?? []).sort((a, b) => a - b);
    return {
      target,
      kills: hits.length,
      'amid healing': hits.filter(({ isAmidHealing }) => isAmidHealing).length,
      'well again: median ms': healed[healed.length >> 1],
      'longest ms': healed.at(-1),
    };
  });
}

function summaryOf({ startsMs, traffic, twins, cutShort }: CampaignResult): string {
  const [coldMs = 0, ...warm] = startsMs;
  const sorted = warm.sort((a, b) => a - b);
  const health = [...traffic.health].map(([status, count]) => `${status || 'none'} ${count}`).join(', ');
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  return [
    `${kills} kills in ${seconds} s; ${cutShort} starts cut short by the kill of a part`,
    `start: cold ${coldMs} ms; after a kill: median ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`,
    `clients: ${twins} requests sent twice at once, ${traffic.reads} reads, ${traffic.pages} pages, ${traffic.endpoints} endpoints made and deleted, health ${health}`,
  ].join('\n');
}
