import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isBreach } from './crash/check.ts';
import { runStorm } from './storm/storm.ts';

/**
 * `npm run storm [-- --events 100000 --kills 10 --database-kills 2 --seed 1]`: events recorded while those who deliver
 * them, and the database, are killed again and again; then proof that each was delivered to each endpoint that subscribes.
 * Exit code 1 on any breach.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '10' },
    'database-kills': { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const dir = await realpath(await mkdtemp(join(tmpdir(), 'oms-storm-')));
const result = await runStorm({
  dir,
  events: Number(values.events),
  kills: Number(values.kills),
  databaseKills: Number(values['database-kills']),
  seed: Number(values.seed),
  report: (line) => console.log(line),
});
await rm(dir, { recursive: true, force: true, maxRetries: 5 });
console.table(result.checks.map(({ isMet, ...row }) => ({ ...row, verdict: isMet ? 'ok' : 'BREACH' })));
console.log(
  `${result.events} events, ${result.deliveries} deliveries in ${result.seconds.toFixed(0)} s: ${result.perSecond.toFixed(0)} /s; ` +
    `${result.repeated} taken more than once, ${result.refused} attempts refused; ` +
    `longest pause ${(result.longestPauseMs / 1_000).toFixed(1)} s`,
);
if (result.checks.some(isBreach)) process.exitCode = 1;
