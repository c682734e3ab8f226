import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ManualClock, SECOND_MS, systemClock } from '../src/kernel/clock.ts';
import type { ReceivedRequest } from './receiver.ts';
import { createWorld, type World } from './world.ts';

const OVERLAP_SECONDS = 60;

/** What a verifier goes by; it passes without a wait. */
const wallClock = new ManualClock(systemClock.now());
let world: World;
beforeAll(async () => {
  world = await createWorld({ wallClock });
});
afterAll(() => world.close());

/** Which of the secrets a request is signed with, by the documented scheme. */
function signers({ headers, body }: ReceivedRequest, secrets: Readonly<Record<string, string>>): string[] {
  const parts = String(headers['webhook-signature']).split(',');
  const time = parts.find((part) => part.startsWith('t='))?.slice(2);
  const signature = (secret: string) =>
    `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
  return Object.keys(secrets).filter((name) => parts.includes(signature(secrets[name] ?? '')));
}

it('a secret that was rotated out signs to the last second of the overlap, and no longer', async () => {
  const { client } = world;
  const receiver = await world.receiver();
  const { id, secret } = await client.webhooks.create({ url: receiver.url, events: ['customer.*'] });
  const rotated = await client.webhooks.rotateSecret(id, { overlapSeconds: OVERLAP_SECONDS });
  const signersOfNext = async (): Promise<string[]> => {
    receiver.forget();
    await client.customers.create({});
    await world.drain();
    const [request] = receiver.requests;
    return request ? signers(request, { before: secret, after: rotated.secret }) : [];
  };
  wallClock.advance((OVERLAP_SECONDS - 1) * SECOND_MS);
  expect(await signersOfNext()).toEqual(['before', 'after']);
  wallClock.advance(2 * SECOND_MS);
  expect(await signersOfNext()).toEqual(['after']);
});
