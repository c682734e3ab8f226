import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from './crash/campaign.ts';
import { isBreach } from './crash/verdict.ts';

/**
 * `npm run crash [-- --kills 20 --cash-ins 200 --seed 1]`: kill -9 at random instants under load, then proof that
 * every cash-in was paid exactly once. Exit code 1 on any breach; its home is then kept.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    'cash-ins': { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});

const home = await mkdtemp(join(tmpdir(), 'oms-crash-'));
const { checks, startsMs } = await runCampaign({
  home,
  kills: Number(values.kills),
  cashIns: Number(values['cash-ins']),
  seed: Number(values.seed),
  report: (line) => console.log(line),
});
console.table(checks.map((check) => ({ ...check, verdict: isBreach(check) ? 'BREACH' : 'ok' })));
const [coldMs = 0, ...warmMs] = startsMs.map((ms) => Math.round(ms));
const sorted = warmMs.sort((a, b) => a - b);
console.log(
  `start: cold ${coldMs} ms; after a kill: median ${sorted[sorted.length >> 1]} ms, longest ${sorted.at(-1)} ms`,
);
if (checks.some(isBreach)) {
  console.log(`BREACH; everything is kept in ${home}`);
  process.exitCode = 1;
} else {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
