import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isClean, toText } from './conformance/report.ts';
import { runSuite } from './conformance/run.ts';
import { loadSuite } from './conformance/vectors.ts';
import { openWire } from './conformance/wire.ts';

/**
 * `npm run conformance -- --base-url URL --key APIKEY:SECRET [--json FILE] [--only NAME]`: runs the vectors of
 * contract/vectors against any API that claims the contract, a sandbox project of its own, and holds each answer
 * against it. Exit code 0 when all passed and every documented answer was covered; with `--only`, when those passed.
 */
const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    key: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});

const REQUEST_TIMEOUT_MS = 30_000;
const POLL_MS = 200;
const EXIT_USAGE = 2;

const baseUrl = values['base-url'];
const [apiKey, apiSecret] = values.key?.split(':') ?? [];
if (!baseUrl || !URL.canParse(baseUrl) || !apiKey || !apiSecret) {
  console.error(
    'Usage: npm run conformance -- --base-url URL --key APIKEY:SECRET [--json FILE] [--only NAME]',
  );
  process.exit(EXIT_USAGE);
}

const wire = openWire({ timeoutMs: REQUEST_TIMEOUT_MS, maxSockets: 1 });
const report = await runSuite({
  suite: loadSuite(),
  baseUrl,
  apiKey,
  apiSecret,
  wire: wire.send,
  pause: () => delay(POLL_MS),
  only: values.only,
});
wire.close();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
console.log(toText(report));
const isAsked = values.only === undefined ? isClean(report) : report.results.every(({ failure }) => !failure);
if (!isAsked) process.exitCode = 1;
