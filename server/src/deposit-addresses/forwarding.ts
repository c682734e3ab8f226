import type { HoldReason } from '@openoms/contract/deposit-addresses.ts';
import type { Deposit } from '../chain/sends.ts';
import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { addMs, MINUTE_MS } from '../kernel/clock.ts';
import { custody, depositAddress } from '../ledger/chart.ts';
import type { Limits } from '../settings/service.ts';
import {
  type DepositChange,
  type DepositRow,
  insertDeposits,
  lockHeld,
  lockHeldFor,
  type NewDeposit,
} from './deposit-store.ts';
import { type DepositAddressesDeps, RELEASE_TASK, type ReleasePayload } from './deps.ts';
import { obstacleOf, type Payment, paymentOf, type Surroundings, surroundingsOf } from './payment.ts';
import { recordDeposits, transitionDeposits } from './states.ts';
import { type DepositAddressRow, lockAddresses } from './store.ts';

/** Of small deposits that go with one that arrives. */
const MAX_DUST = 200;
const MAX_RELEASED_AT_ONCE = 200;
const RATE_RETRY_MS = MINUTE_MS;

/** A deposit that is not sent on, and why. */
interface Hold {
  readonly deposit: DepositRow;
  readonly reason: HoldReason;
}

/** Final on chain: the customer owns it, custody holds it, and what may be is sent on, all in one commit. */
export async function depositsCredited(
  deps: DepositAddressesDeps,
  tx: Tx,
  deposits: readonly Deposit[],
): Promise<void> {
  const addressIds = [...new Set(deposits.map(({ resourceId }) => resourceId))];
  const addresses = new Map(
    (await lockAddresses(tx, addressIds)).map((row) => [row.deposit_address_id, row]),
  );
  // Before the ledger's accounts are locked, as a customer may have to be.
  const around = await surroundingsOf(deps, tx, [...addresses.values()]);
  await deps.ledger.apply(
    tx,
    ...deposits.map((deposit) => ({
      groupId: `${deposit.depositId}.credited`,
      transfers: [
        {
          kind: 'single' as const,
          debit: custody(deposit.network, deposit.asset),
          credit: depositAddress(deposit.resourceId, deposit.asset),
          minor: deposit.amountMinor,
        },
      ],
    })),
  );
  const received = await insertDeposits(
    tx,
    deposits.map((deposit): NewDeposit => {
      const row = must(addresses.get(deposit.resourceId), `a deposit to an unknown ${deposit.resourceId}`);
      return {
        deposit_id: deposit.depositId,
        deposit_address_id: row.deposit_address_id,
        customer_id: row.customer_id,
        amount: deposit.amountMinor,
        asset: deposit.asset,
        network: deposit.network,
        address: row.address,
        from_address: deposit.from,
        tx_hash: deposit.txHash,
        log_index: deposit.logIndex,
        block_number: deposit.blockNumber,
        created_at: deposit.detectedAt,
      };
    }),
    tx.now(),
  );
  await recordDeposits(tx, deps.events, received, 'settled');
  const open = [...addresses.values()].filter(({ status }) => status === 'active');
  const dust = await lockHeldFor(
    tx,
    open.map((row) => row.deposit_address_id),
    ['below_minimum'],
    MAX_DUST,
  );
  await sendOn(deps, tx, { addresses, around, evenDeleted: false }, [...received, ...dust]);
}

/** Tries what an address holds again, by the rules of now; the rest of much follows in another job. */
export async function releaseHeld(
  deps: DepositAddressesDeps,
  tx: Tx,
  { depositAddressId, after = '' }: ReleasePayload,
): Promise<void> {
  const [row] = await lockAddresses(tx, [depositAddressId]);
  if (!row || row.status === 'paused') return;
  const held = await lockHeld(tx, depositAddressId, after, MAX_RELEASED_AT_ONCE);
  const last = held.at(-1);
  if (!last) return;
  const around = await surroundingsOf(deps, tx, [row]);
  await sendOn(deps, tx, { addresses: new Map([[depositAddressId, row]]), around, evenDeleted: true }, held);
  if (held.length < MAX_RELEASED_AT_ONCE) return;
  const payload: ReleasePayload = { depositAddressId, after: last.deposit_id };
  await deps.jobs.enqueue(tx, RELEASE_TASK, payload);
}

/** Where deposits are, and whether those at deleted addresses go on too. */
interface Origin {
  readonly addresses: ReadonlyMap<string, DepositAddressRow>;
  readonly around: Surroundings;
  readonly evenDeleted: boolean;
}

/** Sends on what may be, in as few statements as for one; the rest is held, and says why. */
async function sendOn(
  deps: DepositAddressesDeps,
  tx: Tx,
  { addresses, around, evenDeleted }: Origin,
  deposits: readonly DepositRow[],
): Promise<void> {
  const payments: Payment[] = [];
  const holds: Hold[] = [];
  for (const [addressId, own] of Map.groupBy(deposits, (each) => each.deposit_address_id)) {
    const row = must(addresses.get(addressId), 'a deposit has an address');
    const obstacle = closedReason(row, evenDeleted) ?? obstacleOf(row, around);
    if (obstacle) holds.push(...own.map((deposit) => ({ deposit, reason: obstacle })));
    else plan(tx, deps, row, own, around, { payments, holds });
  }
  const outcomes = await deps.transactions.execute(
    tx,
    payments.map(({ transaction }) => transaction),
  );
  const sent: Payment[] = [];
  payments.forEach((payment, index) => {
    if (outcomes[index] !== 'insufficient_funds') sent.push(payment);
    else
      holds.push(...payment.deposits.map((deposit) => ({ deposit, reason: 'insufficient_funds' as const })));
  });
  await record(deps, tx, sent, holds);
  await deps.screener.look(
    tx,
    sent.flatMap(({ deposits: own, transaction: { transaction_id: transactionId } }) =>
      own.map(({ from_address: party }) => ({ transactionId, party })),
    ),
  );
  const waiting = holds.filter(({ reason }) => reason === 'rate_unavailable');
  await retryLater(deps, tx, new Set(waiting.map(({ deposit }) => deposit.deposit_address_id)));
}

function closedReason({ status }: DepositAddressRow, evenDeleted: boolean): HoldReason | undefined {
  if (status === 'paused') return 'address_paused';
  return status === 'deleted' && !evenDeleted ? 'address_deleted' : undefined;
}

/** A payment for each deposit within the limits, one for small ones together. */
function plan(
  tx: Tx,
  deps: DepositAddressesDeps,
  row: DepositAddressRow,
  deposits: readonly DepositRow[],
  around: Surroundings,
  { payments, holds }: { readonly payments: Payment[]; readonly holds: Hold[] },
): void {
  const { groups, tooSmall, tooLarge } = grouped(deposits, around.limits);
  const hold = (reason: HoldReason, held: readonly DepositRow[]) =>
    holds.push(...held.map((deposit) => ({ deposit, reason })));
  hold('below_minimum', tooSmall);
  hold('above_maximum', tooLarge);
  for (const group of groups) {
    const payment = paymentOf(tx, deps, row, group, around);
    if (payment) payments.push(payment);
    else hold('fees_exceed_amount', group);
  }
}

/** Small deposits are put together, the largest first, until they are no longer too small. */
export function grouped(
  deposits: readonly DepositRow[],
  { minMinor, maxMinor }: Limits,
): { groups: (readonly DepositRow[])[]; tooSmall: readonly DepositRow[]; tooLarge: readonly DepositRow[] } {
  const tooLarge = deposits.filter(({ remaining }) => remaining > maxMinor);
  const alone = deposits.filter(({ remaining }) => remaining >= minMinor && remaining <= maxMinor);
  const dust = deposits
    .filter(({ remaining }) => remaining < minMinor)
    .sort((a, b) => Number(b.remaining > a.remaining) - Number(a.remaining > b.remaining));
  const together: DepositRow[] = [];
  const tooSmall: DepositRow[] = [];
  let sum = 0n;
  for (const deposit of dust) {
    if (deposit.remaining > 0n && sum + deposit.remaining <= maxMinor) {
      together.push(deposit);
      sum += deposit.remaining;
    } else tooSmall.push(deposit);
  }
  const groups = alone.map((deposit) => [deposit]);
  if (together.length === 0) return { groups, tooSmall, tooLarge };
  return sum >= minMinor
    ? { groups: [...groups, together], tooSmall, tooLarge }
    : { groups, tooSmall: [...together, ...tooSmall], tooLarge };
}

async function record(
  { events }: DepositAddressesDeps,
  tx: Tx,
  sent: readonly Payment[],
  holds: readonly Hold[],
): Promise<void> {
  const now = tx.now();
  const processing = sent.flatMap(({ deposits, transaction }) =>
    deposits.map((deposit) => ({ deposit, change: { transaction_id: transaction.transaction_id } })),
  );
  // Who waits on for the same reason has no news.
  const held = holds
    .filter(({ deposit, reason }) => deposit.hold_reason !== reason)
    .map(({ deposit, reason }) => ({ deposit, change: { hold_reason: reason } }));
  for (const from of ['received', 'held'] as const) {
    for (const [to, changes] of [
      ['processing', processing],
      ['held', held],
    ] as const) {
      const own = changes
        .filter(({ deposit }) => deposit.status === from)
        .map(({ deposit, change }): DepositChange => ({ deposit_id: deposit.deposit_id, ...change }));
      await transitionDeposits(tx, events, { from, to, changes: own, now });
    }
  }
}

/** A rate that is too old comes again by itself. */
async function retryLater(
  { jobs }: DepositAddressesDeps,
  tx: Tx,
  addressIds: ReadonlySet<string>,
): Promise<void> {
  const payloads = [...addressIds].map((depositAddressId): ReleasePayload => ({ depositAddressId }));
  await jobs.enqueueMany(tx, RELEASE_TASK, payloads, addMs(tx.now(), RATE_RETRY_MS));
}
