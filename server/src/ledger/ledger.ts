import type { Tx } from '../db/database.ts';
import { assert, must } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { type AccountRef, accountId, limitSideOf } from './chart.ts';

/** Moves `minor` units from `debit` to `credit`; both accounts hold the same asset. */
interface Movement {
  readonly debit: AccountRef;
  readonly credit: AccountRef;
  readonly minor: bigint;
}

export type TransferRequest =
  /** At once. */
  | ({ readonly kind: 'single' } & Movement)
  /** Reserves: counts against the debit side's funds until posted or voided. `transferId` names the hold. */
  | ({ readonly kind: 'pending'; readonly transferId: string } & Movement)
  /** Makes a hold real, in whole or in part; the rest is released. */
  | { readonly kind: 'post'; readonly pendingId: string; readonly minor?: bigint }
  /** Releases a hold. */
  | { readonly kind: 'void'; readonly pendingId: string };

export interface TransferGroup {
  readonly groupId: string;
  readonly transfers: readonly TransferRequest[];
}

/** Why a group was not applied. A used group id is no failure of the first use: the decision stands. */
export type Refusal = 'exists' | 'insufficient_funds' | 'hold_unresolvable';

/** A group that must apply did not; the transaction is to be rolled back. */
class TransferRefused extends Error {
  override readonly name = 'TransferRefused';
  readonly refusal: Refusal;

  constructor(groupId: string, refusal: Refusal) {
    super(`transfers ${groupId} refused: ${refusal}`);
    this.refusal = refusal;
  }
}

export interface Balance {
  /** Posted net, on the credit side: positive is what the account is owed. */
  readonly postedMinor: bigint;
  /** Posted net less open holds on the debit side: what may be spent. */
  readonly availableMinor: bigint;
  /** Credits announced and not yet posted. */
  readonly incomingMinor: bigint;
}

const MAX_TRANSFERS = 2_000;
const NOTHING: Balance = { postedMinor: 0n, availableMinor: 0n, incomingMinor: 0n };

interface BalanceRow {
  account_id: string;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
}

/** The sole writer of balances. Transfers are only added; a correction is another transfer. */
export class Ledger {
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * Applies linked groups, all or nothing: throws `TransferRefused` for the first that is not. A `groupId` names a
   * decision and is used once per project.
   */
  async apply(tx: Tx, ...groups: readonly TransferGroup[]): Promise<void> {
    const outcomes = await this.applyEach(tx, groups);
    outcomes.forEach((outcome, index) => {
      if (outcome !== 'applied') throw new TransferRefused(groups[index]?.groupId ?? '', outcome);
    });
  }

  /**
   * Decides each group by itself, in order, in one call: applied whole, or refused alone. Every account is locked
   * before the first is decided. One outcome per group, in order.
   */
  async applyEach(tx: Tx, groups: readonly TransferGroup[]): Promise<readonly ('applied' | Refusal)[]> {
    const items = groups.flatMap(({ groupId, transfers }, request) =>
      transfers.map((each, index) => ({ request, groupId, position: index + 1, ...this.#toItem(each) })),
    );
    assert(items.length > 0 && items.length <= MAX_TRANSFERS, 'number of transfers');
    const rows = await tx.query<{ request: number; outcome: 'applied' | Refusal }>(
      'select request, outcome from ledger_apply($1, $2, $3)',
      [tx.scope, JSON.stringify(items), this.#clock.now()],
    );
    const outcomes = new Map(rows.map(({ request, outcome }) => [request, outcome]));
    return groups.map((_, request) => must(outcomes.get(request), 'each group has an outcome'));
  }

  async balance(tx: Tx, account: AccountRef): Promise<Balance> {
    return (await this.balances(tx, [account])).get(accountId(account)) ?? NOTHING;
  }

  /** By account id; an account nothing was ever moved on is absent. */
  async balances(tx: Tx, accounts: readonly AccountRef[]): Promise<ReadonlyMap<string, Balance>> {
    const rows = await tx.query<BalanceRow>(
      `select account_id, debits_pending, debits_posted, credits_pending, credits_posted
       from ledger_accounts where project_id = $1 and account_id = any($2)`,
      [tx.scope, accounts.map(accountId)],
    );
    return new Map(rows.map((row) => [row.account_id, fromRow(row)]));
  }

  #toItem(request: TransferRequest): object {
    if (request.kind === 'post' || request.kind === 'void') {
      const partial = request.kind === 'post' ? request.minor : undefined;
      return {
        transferId: this.#ids.next('transfer'),
        kind: request.kind,
        pendingId: request.pendingId,
        amount: partial?.toString(),
      };
    }
    const { debit, credit, minor } = request;
    assert(debit.asset === credit.asset, 'a transfer moves one asset');
    assert(minor > 0n, 'a transfer moves something');
    return {
      transferId: request.kind === 'pending' ? request.transferId : this.#ids.next('transfer'),
      kind: request.kind,
      debit: { kind: debit.kind, owner: debit.owner, limitSide: limitSideOf(debit.kind) },
      credit: { kind: credit.kind, owner: credit.owner, limitSide: limitSideOf(credit.kind) },
      asset: debit.asset,
      amount: minor.toString(),
    };
  }
}

function fromRow(row: BalanceRow): Balance {
  const postedMinor = row.credits_posted - row.debits_posted;
  return {
    postedMinor,
    availableMinor: postedMinor - row.debits_pending,
    incomingMinor: row.credits_pending,
  };
}
