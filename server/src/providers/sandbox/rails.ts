import type { BankEvent } from '../../bank/provider.ts';
import type { CashDeposit } from '../../cash-ins/provider.ts';
import type { DepositResult } from '../../cash-ins/service.ts';
import type { PickupEvent } from '../../cash-pickups/provider.ts';
import type { Tx } from '../../db/database.ts';
import { backoffMs, type Jobs, type Task } from '../../jobs/jobs.ts';
import { must } from '../../kernel/assert.ts';
import { addMs, SECOND_MS } from '../../kernel/clock.ts';
import { parseMinor } from '../../kernel/money.ts';
import type { Sealers } from '../../sealing/sealers.ts';
import type { Hit, Trouble } from '../../trouble/trouble.ts';

const TELL_TASK = 'sandbox-rails.tell';
const MAX_ATTEMPTS = 50;
const KINDS = ['rail.late', 'rail.duplicate', 'rail.wrongAmount'] as const;
type RailHit = Hit<(typeof KINDS)[number]>;

/** What a provider tells, by the door it enters. */
type Told =
  | { readonly door: 'bank'; readonly event: BankEvent }
  | { readonly door: 'pickup'; readonly event: PickupEvent }
  | { readonly door: 'deposit'; readonly event: CashDeposit };

interface TellPayload {
  readonly providerEventId: string;
  /** The payout, credit, pickup or cash-in. */
  readonly about: string;
  /** `Told`, in base64: it may name people and accounts. */
  readonly sealed: string;
}

export interface SandboxRailsDeps {
  readonly trouble: Trouble;
  readonly jobs: Jobs;
  readonly sealers: Sealers;
  readonly doors: {
    readonly bank: (tx: Tx, events: readonly BankEvent[]) => Promise<void>;
    readonly pickup: (tx: Tx, events: readonly PickupEvent[]) => Promise<void>;
    readonly deposit: (tx: Tx, deposits: readonly CashDeposit[]) => Promise<DepositResult[]>;
  };
}

/**
 * The way from the sandbox's bank and cash networks to the doors of our own: what they tell comes at once, or as the
 * project's rules of trouble say (docs/decisions/0032). What comes later is a job, so it follows the project's clock. The
 * sealer of the project was opened before the transaction.
 */
export class SandboxRails {
  readonly #deps: SandboxRailsDeps;

  constructor(deps: SandboxRailsDeps) {
    this.#deps = deps;
  }

  async tellBank(tx: Tx, event: BankEvent): Promise<void> {
    const told = await this.#onItsWay(tx, { door: 'bank', event });
    if (told) await this.#arrive(tx, told);
  }

  async tellPickup(tx: Tx, event: PickupEvent): Promise<void> {
    const told = await this.#onItsWay(tx, { door: 'pickup', event });
    if (told) await this.#arrive(tx, told);
  }

  /** What became of each; of one that comes later nothing is known, as if it had been taken. */
  async tellDeposits(tx: Tx, deposits: readonly CashDeposit[]): Promise<DepositResult[]> {
    const arriving: { readonly index: number; readonly event: CashDeposit }[] = [];
    for (const [index, event] of deposits.entries()) {
      const told = await this.#onItsWay(tx, { door: 'deposit', event });
      if (told) arriving.push({ index, event: told.event });
    }
    const results: DepositResult[] = deposits.map(() => undefined);
    if (arriving.length === 0) return results;
    const taken = await this.#deps.doors.deposit(
      tx,
      arriving.map(({ event }) => event),
    );
    for (const [place, { index }] of arriving.entries()) results[index] = taken[place];
    return results;
  }

  /** Whatever comes later. A refused deposit is tried again: its cash was taken, and the cause may pass. */
  task(): Task<TellPayload> {
    return {
      name: TELL_TASK,
      maxAttempts: MAX_ATTEMPTS,
      retryDelayMs: backoffMs,
      call: async ({ projectId }) => {
        await this.#deps.sealers.for(projectId);
        return undefined;
      },
      record: async (tx, { payload }) => {
        const refusal = await this.#arrive(tx, this.#unseal(tx, payload));
        if (refusal) throw refusal;
      },
    };
  }

  async #arrive(tx: Tx, told: Told): Promise<DepositResult> {
    const { doors } = this.#deps;
    switch (told.door) {
      case 'bank':
        await doors.bank(tx, [told.event]);
        return undefined;
      case 'pickup':
        await doors.pickup(tx, [told.event]);
        return undefined;
      case 'deposit':
        return (await doors.deposit(tx, [told.event]))[0];
    }
  }

  /** What arrives now; undefined: later. */
  async #onItsWay<T extends Told>(tx: Tx, told: T): Promise<T | undefined> {
    const hits = await this.#deps.trouble.hitsIn(tx, KINDS, { isFor: (rule) => isAbout(rule, told) });
    if (hits.length === 0) return told;
    let changed = told;
    let lateSeconds = 0;
    let copies = 1;
    for (const hit of hits) {
      if (hit.kind === 'rail.wrongAmount') changed = withDifference(changed, hit.parameters.difference);
      if (hit.kind === 'rail.late') lateSeconds += hit.parameters.seconds;
      if (hit.kind === 'rail.duplicate') copies += 1;
    }
    const isLate = lateSeconds > 0;
    const payload = this.#seal(tx, changed);
    const later = Array.from({ length: isLate ? copies : copies - 1 }, () => payload);
    await this.#deps.jobs.enqueueMany(tx, TELL_TASK, later, addMs(tx.now(), lateSeconds * SECOND_MS));
    return isLate ? undefined : changed;
  }

  #seal(tx: Tx, told: Told): TellPayload {
    const { providerEventId } = told.event;
    const text = JSON.stringify(told, (_name, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    const sealed = this.#deps.sealers.opened(tx.scope).seal(placeOf(providerEventId), text);
    return { providerEventId, about: subjectOf(told), sealed: sealed.toString('base64') };
  }

  #unseal(tx: Tx, { providerEventId, sealed }: TellPayload): Told {
    const text = this.#deps.sealers
      .opened(tx.scope)
      .unseal(placeOf(providerEventId), Buffer.from(sealed, 'base64'));
    return JSON.parse(text, (name, value: unknown) =>
      name === 'amountMinor' ? BigInt(value as string) : value,
    ) as Told;
  }
}

function subjectOf(told: Told): string {
  if (told.door === 'deposit') return told.event.cashInId;
  if (told.door === 'pickup') return told.event.pickupId;
  const { event } = told;
  if ('payoutId' in event) return event.payoutId;
  return 'creditId' in event ? event.creditId : event.providerEventId;
}

const placeOf = (row: string) => ({ table: 'jobs', column: 'payload', row });

const hasAmount = <T extends Told>(
  told: T,
): told is T & { readonly event: { readonly amountMinor: bigint } } => 'amountMinor' in told.event;

function isAbout({ kind, parameters }: RailHit, told: Told): boolean {
  if (parameters.rail !== null && parameters.rail !== (told.door === 'bank' ? 'bank' : 'cash')) return false;
  return kind !== 'rail.wrongAmount' || hasAmount(told);
}

/** Never less than a cent. */
function withDifference<T extends Told>(told: T, difference: string): T {
  if (!hasAmount(told)) return told;
  const cents = must(parseMinor(difference.replace('-', ''), 'usd'), 'the contract has checked its form');
  const wrong = told.event.amountMinor + (difference.startsWith('-') ? -cents : cents);
  return { ...told, event: { ...told.event, amountMinor: wrong > 0n ? wrong : 1n } };
}
