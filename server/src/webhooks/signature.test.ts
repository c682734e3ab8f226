import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { systemClock, toUnixSeconds } from '../kernel/clock.ts';
import { randomHex } from '../kernel/crypto.ts';
import { formatSecret, headersOf, signatureOf, signingKeyOf } from './signature.ts';

const DELIVERIES = 10_000;

/** What a receiver of the documents' scheme writes: nothing but an HMAC. */
function accepts(secret: string, header: string, body: string): boolean {
  const parts = header.split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return parts.some((part) => part === `v1=${expected}`);
}

function acceptsStandard(secret: string, headers: Record<string, string>, body: string): boolean {
  try {
    new StandardWebhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

const bodies = fc.record({
  id: fc.string(),
  data: fc.jsonValue({ maxDepth: 3 }),
  text: fc.string({ unit: 'binary', maxLength: 200 }),
});

describe(`of ${DELIVERIES} random deliveries, through rotations`, () => {
  it('each is accepted by either verifier with either secret, and by no other secret or body', () => {
    let [older, newer] = [formatSecret(randomHex(32)), formatSecret(randomHex(32))];
    let count = 0;
    for (const body of fc.sample(bodies, DELIVERIES).map((each) => JSON.stringify(each))) {
      if (count++ % 100 === 0) [older, newer] = [newer, formatSecret(randomHex(32))];
      const isRotating = count % 3 !== 0;
      const secrets = isRotating ? [newer, older] : [newer];
      const timestamp = toUnixSeconds(systemClock.now());
      const id = `whd_${randomHex(13)}`;
      const signature = signatureOf(secrets.map(signingKeyOf), id, timestamp, body);
      const headers = headersOf(id, 1, timestamp, signature);
      const verdicts = [newer, older].map((secret) => [
        accepts(secret, signature, body),
        acceptsStandard(secret, headers, body),
      ]);
      expect(verdicts).toEqual([
        [true, true],
        [isRotating, isRotating],
      ]);
      const changed = `${body} `;
      expect([accepts(newer, signature, changed), acceptsStandard(newer, headers, changed)]).toEqual([
        false,
        false,
      ]);
    }
    expect(count).toBe(DELIVERIES);
  });
});
