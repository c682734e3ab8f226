import { parseArgs } from 'node:util';
import { openWire } from './conformance/wire.ts';
import { toText } from './fuzz/report.ts';
import { runFuzz } from './fuzz/run.ts';

/**
 * `npm run fuzz -- --base-url URL --key APIKEY:SECRET [--requests 20000] [--seed 1]`: requests made of the contract's
 * schemas, valid, odd and wrong, eight at a time, against a sandbox project of its own. Each answer must be one that the
 * contract declares, none a failure of the server, and all come within ten seconds; exit code 1 otherwise. Webhooks
 * that it makes point to the loopback or to example.invalid.
 */
const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    key: { type: 'string' },
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 8;
const EXIT_USAGE = 2;

const baseUrl = values['base-url'];
const [apiKey, apiSecret] = values.key?.split(':') ?? [];
const [requests, seed] = [Number(values.requests), Number(values.seed)];
const isCounted = Number.isSafeInteger(requests) && requests > 0 && Number.isSafeInteger(seed);
if (!baseUrl || !URL.canParse(baseUrl) || !apiKey || !apiSecret || !isCounted) {
  console.error('Usage: npm run fuzz -- --base-url URL --key APIKEY:SECRET [--requests 20000] [--seed 1]');
  process.exit(EXIT_USAGE);
}

const startedMs = performance.now();
const wire = openWire({ timeoutMs: TIMEOUT_MS, maxSockets: CONCURRENCY });
const report = await runFuzz({
  baseUrl,
  apiKey,
  apiSecret,
  wire: wire.send,
  requests,
  seed,
  concurrency: CONCURRENCY,
});
wire.close();
console.log(toText(report));
console.log(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
if (report.findings.length > 0) process.exitCode = 1;
