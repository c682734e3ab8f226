import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import type { BankDeps } from './deps.ts';
import type { BankEvent } from './provider.ts';
import { transitionCredits, transitionPayouts } from './states.ts';
import * as store from './store.ts';
import { toBankCredit, toFailedPayout, toPayout, toReturnedPayout } from './view.ts';

type Kind = BankEvent['kind'];
type EventOf<K extends Kind> = Extract<BankEvent, { readonly kind: K }>;
type PayoutKind = Extract<BankEvent, { readonly payoutId: string }>['kind'];

/** `known`: the payout's status says it already, or says more. */
type Effect = 'applies' | 'known' | 'contradicts';
/** A payout's status; a failed one by whether it was refused or came back. */
type Met = Exclude<store.PayoutStatus, 'failed'> | 'refused' | 'back';

/**
 * What an event does to a payout, whatever came before it. A return may overtake the settlement: the payout is then
 * `back`, and the late settlement is no news. Only what no order of true messages explains contradicts.
 */
const EFFECTS: Readonly<Record<PayoutKind, Readonly<Record<Met, Effect>>>> = {
  payoutAccepted: {
    queued: 'applies',
    submitted: 'known',
    settled: 'known',
    returned: 'known',
    refused: 'known',
    back: 'known',
  },
  payoutSettled: {
    queued: 'applies',
    submitted: 'applies',
    settled: 'known',
    returned: 'known',
    refused: 'contradicts',
    back: 'known',
  },
  payoutRejected: {
    queued: 'applies',
    submitted: 'applies',
    settled: 'contradicts',
    returned: 'contradicts',
    refused: 'known',
    back: 'known',
  },
  payoutReturned: {
    queued: 'applies',
    submitted: 'applies',
    settled: 'applies',
    returned: 'known',
    refused: 'known',
    back: 'known',
  },
  detailsCorrected: {
    queued: 'applies',
    submitted: 'applies',
    settled: 'applies',
    returned: 'applies',
    refused: 'applies',
    back: 'applies',
  },
};

const metAs = ({ status, return_code }: store.PayoutRow): Met =>
  status === 'failed' ? (return_code === null ? 'refused' : 'back') : status;

/**
 * Results of any bank: each takes effect once per provider event, in whatever order they arrive. What contradicts is
 * kept in `bank_contradictions` and changes nothing.
 */
export async function applyEvents(deps: BankDeps, tx: Tx, events: readonly BankEvent[]): Promise<void> {
  const fresh = await acceptNew(deps, tx, events);
  if (fresh.length === 0) return;
  const contradictions = [
    ...(await applyToPayouts(deps, tx, fresh)),
    ...(await applyToCredits(deps, tx, fresh)),
  ];
  if (contradictions.length > 0) await store.insertContradictions(tx, contradictions, tx.now());
}

/** Those that no transaction before has taken, each once. */
async function acceptNew(
  { providerEvents }: BankDeps,
  tx: Tx,
  events: readonly BankEvent[],
): Promise<BankEvent[]> {
  const first = new Map(
    events.toReversed().map((event) => [`${event.provider}/${event.providerEventId}`, event]),
  );
  const fresh: BankEvent[] = [];
  for (const [provider, ofProvider] of Map.groupBy(first.values(), (event) => event.provider)) {
    for (const [kind, ofKind] of Map.groupBy(ofProvider, (event) => event.kind)) {
      const ids = ofKind.map(({ providerEventId }) => providerEventId);
      const accepted = await providerEvents.accept(tx, provider, ids, `bank.${kind}`);
      fresh.push(...ofKind.filter(({ providerEventId }) => accepted.has(providerEventId)));
    }
  }
  return fresh;
}

const ofKind = <K extends Kind>(events: readonly BankEvent[], kind: K): EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind);

/** Locked payouts of the events, as they are by now. */
class Payouts {
  readonly #rows: Map<string, store.PayoutRow>;
  readonly contradictions: store.NewContradiction[] = [];

  constructor(rows: readonly store.PayoutRow[]) {
    this.#rows = new Map(rows.map((row) => [row.payout_id, row]));
  }

  get(payoutId: string): store.PayoutRow {
    return must(this.#rows.get(payoutId), 'a payout of the events');
  }

  changed(rows: readonly store.PayoutRow[]): readonly store.PayoutRow[] {
    for (const row of rows) this.#rows.set(row.payout_id, row);
    return rows;
  }

  /** The events that have an effect now. */
  applying<E extends Extract<BankEvent, { readonly payoutId: string }>>(events: readonly E[]): E[] {
    return events.filter((event) => {
      const row = this.#rows.get(event.payoutId);
      const effect = row ? EFFECTS[event.kind][metAs(row)] : 'contradicts';
      if (effect === 'contradicts') {
        this.contradictions.push(contradiction(event, event.payoutId, row?.status));
      }
      return effect === 'applies';
    });
  }
}

/** In the order in which they happen, so that a settlement and a return of one call are both told. */
async function applyToPayouts(
  deps: BankDeps,
  tx: Tx,
  events: readonly BankEvent[],
): Promise<readonly store.NewContradiction[]> {
  const ids = events.flatMap((event) => ('payoutId' in event ? event.payoutId : []));
  if (ids.length === 0) return [];
  const payouts = new Payouts(await store.lockPayouts(tx, [...new Set(ids)]));
  await accept(tx, payouts, ofKind(events, 'payoutAccepted'));
  await settle(deps, tx, payouts, ofKind(events, 'payoutSettled'));
  await reject(deps, tx, payouts, ofKind(events, 'payoutRejected'));
  await takeBack(deps, tx, payouts, ofKind(events, 'payoutReturned'));
  await correct(deps, tx, payouts, ofKind(events, 'detailsCorrected'));
  return payouts.contradictions;
}

/** One event per payout: a second of the same kind says nothing more. */
const oncePerPayout = <E extends { readonly payoutId: string }>(events: readonly E[]): E[] => [
  ...new Map(events.toReversed().map((event) => [event.payoutId, event])).values(),
];

async function accept(tx: Tx, payouts: Payouts, events: readonly EventOf<'payoutAccepted'>[]): Promise<void> {
  const changes = oncePerPayout(payouts.applying(events)).map(
    ({ payoutId, provider, reference, effectiveAt }) => ({
      payoutId,
      submission: { provider, reference, effectiveAt },
    }),
  );
  if (changes.length === 0) return;
  payouts.changed(await transitionPayouts(tx, 'queued', 'submitted', changes, tx.now()));
}

async function settle(
  { handlers }: BankDeps,
  tx: Tx,
  payouts: Payouts,
  events: readonly EventOf<'payoutSettled'>[],
): Promise<void> {
  const applying = oncePerPayout(payouts.applying(events));
  if (applying.length === 0) return;
  const now = tx.now();
  // The bank was faster than the record of its own answer.
  const unheard = applying
    .filter(({ payoutId }) => payouts.get(payoutId).status === 'queued')
    .map(({ payoutId, provider, reference }) => ({
      payoutId,
      submission: { provider, reference, effectiveAt: null },
    }));
  if (unheard.length > 0) await transitionPayouts(tx, 'queued', 'submitted', unheard, now);
  const rows = await transitionPayouts(tx, 'submitted', 'settled', applying, now);
  await handlers.payoutsSettled(tx, payouts.changed(rows).map(toPayout));
}

async function reject(
  deps: BankDeps,
  tx: Tx,
  payouts: Payouts,
  events: readonly EventOf<'payoutRejected'>[],
): Promise<void> {
  const changes = oncePerPayout(payouts.applying(events)).map(({ payoutId, code, reason }) => ({
    payoutId,
    rejectCode: code,
    reason,
  }));
  await fail(deps, tx, payouts, changes);
}

async function takeBack(
  deps: BankDeps,
  tx: Tx,
  payouts: Payouts,
  events: readonly EventOf<'payoutReturned'>[],
): Promise<void> {
  const changes = oncePerPayout(payouts.applying(events)).map(({ payoutId, code, reason }) => ({
    payoutId,
    returnCode: code,
    reason,
  }));
  const isSettled = ({ payoutId }: store.PayoutChange): boolean => payouts.get(payoutId).status === 'settled';
  await fail(
    deps,
    tx,
    payouts,
    changes.filter((change) => !isSettled(change)),
  );
  const settled = changes.filter(isSettled);
  if (settled.length === 0) return;
  const rows = await transitionPayouts(tx, 'settled', 'returned', settled, tx.now());
  await deps.handlers.payoutsReturned(tx, payouts.changed(rows).map(toReturnedPayout));
}

async function fail(
  { handlers }: BankDeps,
  tx: Tx,
  payouts: Payouts,
  changes: readonly store.PayoutChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows: store.PayoutRow[] = [];
  for (const from of ['queued', 'submitted'] as const) {
    const ofStatus = changes.filter(({ payoutId }) => payouts.get(payoutId).status === from);
    if (ofStatus.length > 0) {
      rows.push(...(await transitionPayouts(tx, from, 'failed', ofStatus, tx.now())));
    }
  }
  await handlers.payoutsFailed(tx, payouts.changed(rows).map(toFailedPayout));
}

async function correct(
  { handlers }: BankDeps,
  tx: Tx,
  payouts: Payouts,
  events: readonly EventOf<'detailsCorrected'>[],
): Promise<void> {
  const applying = payouts.applying(events);
  if (applying.length === 0) return;
  await handlers.detailsCorrected(
    tx,
    applying.map(({ payoutId, code, corrected }) => {
      const { externalAccountId, purpose, resourceId } = toPayout(payouts.get(payoutId));
      return { payoutId, externalAccountId, purpose, resourceId, code, corrected };
    }),
  );
}

async function applyToCredits(
  deps: BankDeps,
  tx: Tx,
  events: readonly BankEvent[],
): Promise<readonly store.NewContradiction[]> {
  await receive(deps, tx, ofKind(events, 'credit'));
  return sendBack(deps, tx, ofKind(events, 'creditReturned'));
}

async function receive(
  { ids, handlers }: BankDeps,
  tx: Tx,
  events: readonly EventOf<'credit'>[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = await store.insertCredits(
    tx,
    events.map((event) => ({
      credit_id: ids.next('bankCredit', tx),
      provider: event.provider,
      provider_event_id: event.providerEventId,
      rail: event.rail,
      amount: event.amountMinor,
      reference: event.reference,
    })),
    tx.now(),
  );
  await handlers.creditsReceived(
    tx,
    events.map(({ accountNumber, senderName, senderAccount, memo, addenda }, index) => ({
      ...toBankCredit(must(rows[index], 'a row per credit')),
      accountNumber,
      senderName,
      ...(senderAccount !== undefined && { senderAccount }),
      ...(memo !== undefined && { memo }),
      ...(addenda && { addenda }),
    })),
  );
}

async function sendBack(
  { handlers }: BankDeps,
  tx: Tx,
  events: readonly EventOf<'creditReturned'>[],
): Promise<readonly store.NewContradiction[]> {
  if (events.length === 0) return [];
  const byId = new Map(events.toReversed().map((event) => [event.creditId, event]));
  const rows = new Map((await store.lockCredits(tx, [...byId.keys()])).map((row) => [row.credit_id, row]));
  const applying = [...byId.keys()].filter((creditId) => rows.get(creditId)?.status === 'returning');
  if (applying.length > 0) {
    const changes = applying.map((creditId) => ({ creditId }));
    const returned = await transitionCredits(tx, 'returning', 'returned', changes, tx.now());
    await handlers.creditsReturned(
      tx,
      returned.map((row) => ({
        ...toBankCredit(row),
        returnCode: must(row.return_code, 'a returned credit has its code'),
        reason: must(row.reason, 'a returned credit has a reason'),
      })),
    );
  }
  return [...byId.values()].flatMap((event) => {
    const status = rows.get(event.creditId)?.status;
    const isExplained = status === 'returning' || status === 'returned';
    return isExplained ? [] : [contradiction(event, event.creditId, status)];
  });
}

const contradiction = (
  event: BankEvent,
  subjectId: string,
  status: string | undefined,
): store.NewContradiction => ({
  provider: event.provider,
  provider_event_id: event.providerEventId,
  kind: event.kind,
  subject_id: subjectId,
  found: status ?? 'unknown',
});
