import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { WebhookVerificationError } from './errors.ts';
import { sign, signedHeaders, type VerifyInput, verify } from './webhooks.ts';

const SECRET = `whsec_${'0123456789abcdef'.repeat(4)}`;
const OLD_SECRET = `whsec_${'fedcba9876543210'.repeat(4)}`;
const NOW = new Date('2025-01-15T10:30:00Z');
const PAYLOAD = JSON.stringify({
  id: 'whd_1',
  event: 'cashIn.completed',
  eventId: 'evt_1',
  createdAt: '2025-01-15T10:30:00Z',
  sequence: 3,
  data: { id: 'ci_1', object: 'cashIn', note: 'käse ✓' },
});

async function reasonFor(input: Partial<VerifyInput>): Promise<string | undefined> {
  const header = input.header ?? (await sign({ payload: PAYLOAD, secret: SECRET, timestamp: NOW }));
  try {
    await verify({ payload: PAYLOAD, secret: SECRET, now: NOW, ...input, header });
    return undefined;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.reason;
    throw error;
  }
}

const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);

describe('verify', () => {
  it('accepts a signature made as documented: HMAC-SHA256 of t, a dot and the body, keyed by the whole secret', async () => {
    const t = NOW.getTime() / 1_000;
    const mac = createHmac('sha256', SECRET).update(`${t}.${PAYLOAD}`).digest('hex');
    const header = `t=${t},v1=${mac}`;
    expect(await sign({ payload: PAYLOAD, secret: SECRET, timestamp: NOW })).toBe(header);
    const event = await verify({ payload: Buffer.from(PAYLOAD), header, secret: SECRET, now: NOW });
    expect(event).toEqual(JSON.parse(PAYLOAD));
    if (event.event === 'cashIn.completed') expect(event.data.id).toBe('ci_1');
  });

  it('refuses a payload, time or signature that was changed', async () => {
    const header = await sign({ payload: PAYLOAD, secret: SECRET, timestamp: NOW });
    const [, mac = ''] = header.split('v1=');
    const flipped = `${mac.slice(0, -1)}${mac.endsWith('0') ? '1' : '0'}`;
    const changed: Partial<VerifyInput>[] = [
      { payload: PAYLOAD.replace('ci_1', 'ci_2') },
      { payload: `${PAYLOAD} ` },
      { header: header.replace(/t=[0-9]+/, `t=${later(1).getTime() / 1_000}`) },
      { header: header.replace(mac, flipped) },
      { secret: OLD_SECRET },
      { secret: SECRET.slice('whsec_'.length) },
    ];
    for (const input of changed) expect(await reasonFor(input)).toBe('no_matching_signature');
  });

  it('accepts either secret while both sign, and neither once it no longer does', async () => {
    const both = await sign({ payload: PAYLOAD, secret: [OLD_SECRET, SECRET], timestamp: NOW });
    expect(await reasonFor({ header: both, secret: SECRET })).toBeUndefined();
    expect(await reasonFor({ header: both, secret: OLD_SECRET })).toBeUndefined();
    expect(await reasonFor({ secret: OLD_SECRET })).toBe('no_matching_signature');
  });

  it('refuses a time further away than the tolerance, in either direction', async () => {
    expect(await reasonFor({ now: later(300) })).toBeUndefined();
    expect(await reasonFor({ now: later(301) })).toBe('timestamp_out_of_tolerance');
    expect(await reasonFor({ now: later(-301) })).toBe('timestamp_out_of_tolerance');
    expect(await reasonFor({ now: later(11), toleranceSeconds: 10 })).toBe('timestamp_out_of_tolerance');
    expect(await reasonFor({ toleranceSeconds: Number.NaN })).toBe('timestamp_out_of_tolerance');
  });

  it.each([
    '',
    'nonsense',
    't=1',
    `v1=${'0'.repeat(64)}`,
    `t=x,v1=${'0'.repeat(64)}`,
    't=1,v1=zz',
    `t=1,t=2,v1=${'0'.repeat(64)}`,
  ])('refuses the header %j', async (header) => {
    expect(await reasonFor({ header })).toBe('malformed_header');
  });

  it('refuses a signed payload that is not an event', async () => {
    for (const payload of ['', 'null', '[]', '{"event":"cashIn.completed"}', 'not json']) {
      const header = await sign({ payload, secret: SECRET, timestamp: NOW });
      expect(await reasonFor({ payload, header })).toBe('malformed_payload');
    }
  });
});

describe('signedHeaders', () => {
  it('satisfies both kinds of verifier, with either secret while both sign', async () => {
    const timestamp = new Date();
    const headers = await signedHeaders({
      id: 'whd_1',
      payload: PAYLOAD,
      secret: [SECRET, OLD_SECRET],
      timestamp,
    });
    for (const secret of [SECRET, OLD_SECRET]) {
      const event = await verify({ payload: PAYLOAD, header: headers['webhook-signature'], secret });
      expect(event).toEqual(JSON.parse(PAYLOAD));
      expect(new Webhook(secret).verify(PAYLOAD, headers)).toEqual(JSON.parse(PAYLOAD));
    }
    expect(() => new Webhook(`whsec_${'00'.repeat(32)}`).verify(PAYLOAD, headers)).toThrow();
  });
});
