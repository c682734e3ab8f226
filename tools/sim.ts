import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

/**
 * `npm run sim -- --seed 8` or `--seeds 1..2000 [--workers 2] [--bail]`: deterministic runs of the whole server under
 * faults (server/test/simulation). A failed seed prints its step log and what is wrong; exit code 1 then. One seed
 * alone, and each with `--log`, prints its step log in any case. `--bail` ends at the first failure.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1..200' },
    workers: { type: 'string', default: '2' },
    bail: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
});

interface Reply {
  readonly seed: number;
  readonly findings: readonly string[];
  readonly lines: readonly string[];
  readonly digest: string;
  readonly durationMs: number;
}

const REPORT_EVERY = 100;
const [first = 0, last = first] = (values.seed ?? values.seeds).split('..').map(Number);
if (!(Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last)) {
  throw new Error('a seed is a whole number, seeds are written as 1..200');
}
const isAlone = first === last;
const workers = Math.min(Number(values.workers), last - first + 1);
const startedMs = performance.now();
const failed: number[] = [];
let next = first;
let done = 0;
let spentMs = 0;

function report({ seed, findings, lines, digest, durationMs }: Reply): void {
  done += 1;
  spentMs += durationMs;
  if (isAlone || values.log || findings.length > 0) {
    console.log(`seed ${seed}\n${lines.join('\n')}\ndigest ${digest}`);
    for (const finding of findings) console.log(`seed ${seed}: ${finding}`);
  }
  if (findings.length > 0) failed.push(seed);
  if (done % REPORT_EVERY === 0) console.log(`${done} seeds, ${failed.length} failed`);
}

/** Seeds one after the other, as long as there are any. */
async function work(): Promise<void> {
  const script = new URL('../server/test/simulation/worker.fixture.ts', import.meta.url);
  const child: ChildProcess = fork(script, { execArgv: [] });
  const gone = once(child, 'exit');
  const ended = gone.then(([code]) => {
    throw new Error(`a worker ended with exit code ${code}`);
  });
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0];
  await answer();
  while (next <= last && !(values.bail && failed.length > 0)) {
    child.send(next++);
    report((await answer()) as Reply);
  }
  child.disconnect();
  await gone;
}

await Promise.all(Array.from({ length: workers }, work));
const seconds = (performance.now() - startedMs) / 1_000;
console.log(
  `${done} seeds in ${seconds.toFixed(1)} s, ${(spentMs / 1_000 / done).toFixed(2)} s each on one of ${workers}; ` +
    (failed.length === 0 ? 'all clean' : `${failed.length} failed: ${failed.join(', ')}`),
);
if (failed.length > 0) process.exitCode = 1;
