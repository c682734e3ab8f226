import { afterAll, beforeAll, expect, it } from 'vitest';
import { isClean, toText } from '../../tools/conformance/report.ts';
import { runSuite } from '../../tools/conformance/run.ts';
import { loadSuite } from '../../tools/conformance/vectors.ts';
import { openWire } from '../../tools/conformance/wire.ts';
import { createWorld, type World } from './world.ts';

/** On a busy machine; otherwise some 20 s. */
const TIMEOUT_MS = 180_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Business time between two looks at what is waited for. */
const PAUSE_MS = 1_000;

const CHANGES_WORLD = /\/sandbox\/(reset|snapshots)/;

let world: World;
const wire = openWire({ timeoutMs: REQUEST_TIMEOUT_MS, maxSockets: 1 });
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  wire.close();
  await world.close();
});

it('passes every vector, and they cover every documented answer', { timeout: TIMEOUT_MS }, async () => {
  const { apiKey, apiSecret } = world.project;
  const report = await runSuite({
    suite: loadSuite(),
    baseUrl: world.baseUrl,
    apiKey,
    apiSecret,
    // The worker is at work only while a request waits for it, and in pauses.
    wire: (...request) => {
      const answer = wire.send(...request);
      return CHANGES_WORLD.test(String(request[0].url)) ? world.during(answer) : answer;
    },
    pause: () => {
      world.advance(PAUSE_MS);
      return world.drain();
    },
  });
  expect(isClean(report) ? 'clean' : toText(report)).toBe('clean');
  expect(report.results.length).toBeGreaterThan(600);
});
