import type { TroubleKind } from '@openoms/contract/sandbox-trouble.ts';
import type { Tx } from '../db/database.ts';
import { addMs, HOUR_MS, SECOND_MS } from '../kernel/clock.ts';
import type { Hit, Trouble } from '../trouble/trouble.ts';
import type { AttemptRow, NewDelivery } from './queue-store.ts';
import type { AttemptResult } from './sender.ts';
import { formatSecret, type SigningKey, signingKeyOf } from './signature.ts';
import { holdBack, queueAgain, releaseHeld } from './trouble-store.ts';

type WebhookKind = Extract<TroubleKind, `webhook.${string}`>;

const SPOILING = ['webhook.drop', 'webhook.badSignature', 'webhook.staleSignature'] as const;
const HOLDING = ['webhook.delay', 'webhook.reorder'] as const;

/** Nobody's secret. */
const WRONG_KEYS: readonly SigningKey[] = [signingKeyOf(formatSecret('0'.repeat(64)))];
const STALE_MS = HOUR_MS;

/** What an attempt comes to that was never made. */
export const DROPPED: AttemptResult = {
  error: 'webhook.drop of the sandbox: it was not sent',
  errorCode: 'reset',
  durationMs: 0,
};

const isOf = (rule: Hit<WebhookKind>, { webhookId }: { readonly webhookId: string }): boolean =>
  rule.parameters.webhookId === null || rule.parameters.webhookId === webhookId;

export type Spoiling = (typeof SPOILING)[number];

/** What is wrong with the attempt that is about to be made. */
export async function spoilingOf(
  trouble: Trouble,
  id: { readonly projectId: string; readonly webhookId: string },
): Promise<Spoiling | undefined> {
  const [hit] = await trouble.hits(id.projectId, SPOILING, { isFor: (rule) => isOf(rule, id), upTo: 1 });
  return hit?.kind;
}

/** By which secrets, and as of when, the attempt is signed. */
export function signingOf(
  spoiling: Spoiling | undefined,
  keys: readonly SigningKey[],
  now: Date,
): { readonly keys: readonly SigningKey[]; readonly signedAt: Date } {
  return {
    keys: spoiling === 'webhook.badSignature' ? WRONG_KEYS : keys,
    signedAt: spoiling === 'webhook.staleSignature' ? addMs(now, -STALE_MS) : now,
  };
}

/** Some of the deliveries that the commit has just queued are made later. An order that was promised is kept. */
export async function holdSome(trouble: Trouble, tx: Tx, deliveries: readonly NewDelivery[]): Promise<void> {
  const hits = await trouble.hitsOfEach(tx, HOLDING, deliveries, {
    isFor: (rule, delivery) => isOf(rule, delivery) && !(rule.kind === 'webhook.reorder' && delivery.inOrder),
    upTo: 1,
  });
  const held = deliveries.flatMap(({ webhookId, eventId }, index) =>
    (hits[index] ?? []).map(({ kind, parameters }) => ({
      webhookId,
      eventId,
      dueAt: addMs(tx.now(), parameters.seconds * SECOND_MS),
      waitsForNext: kind === 'webhook.reorder',
    })),
  );
  await holdBack(tx, held);
}

/** Of what has arrived some is sent again, and what waited for it is due. */
export async function followArrivals(
  trouble: Trouble,
  tx: Tx,
  attempts: readonly Pick<AttemptRow, 'webhookId' | 'eventId' | 'outcome' | 'requests'>[],
): Promise<void> {
  const arrived = attempts.filter(({ outcome }) => outcome === 'delivered');
  if (arrived.length === 0 || !(await trouble.mayHit(tx.scope))) return;
  await releaseHeld(tx, arrived, tx.now());
  // What was asked for again is no occasion: it would have no end.
  const first = arrived.filter(({ requests }) => requests === 0);
  const hits = await trouble.hitsOfEach(tx, ['webhook.duplicate'], first, { isFor: isOf, upTo: 1 });
  await queueAgain(
    tx,
    first.filter((_, index) => hits[index]?.length),
    tx.now(),
  );
}
