import { DecidedMeanwhile, one, type Tx, violates } from '../db/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { assert } from '../kernel/assert.ts';
import { ApplyItems } from './apply-items.ts';
import { type AccountRef, accountId } from './chart.ts';
import { SeenAccounts } from './seen-accounts.ts';
import { type Balance, NO_BALANCE, type Refusal, type TransferGroup } from './transfers.ts';

/** The job that voids holds whose time is over. */
export const EXPIRE_HOLDS = 'ledger.expire-holds';

export interface ExpireHoldsPayload {
  readonly transferIds: readonly string[];
}

/** A group that must apply did not; the transaction is to be rolled back. */
class TransferRefused extends Error {
  override readonly name = 'TransferRefused';
  readonly refusal: Refusal;

  constructor(groupId: string, refusal: Refusal) {
    super(`transfers ${groupId} refused: ${refusal}`);
    this.refusal = refusal;
  }
}

const MAX_TRANSFERS = 2_000;

interface BalanceRow {
  account_id: string;
  debits_pending: bigint;
  debits_posted: bigint;
  credits_pending: bigint;
  credits_posted: bigint;
}

/** The sole writer of balances. Transfers are only added; a correction is another transfer. */
export class Ledger {
  readonly #jobs: Jobs | undefined;
  readonly #seen = new SeenAccounts();

  /** Without `jobs` no hold may have an end. */
  constructor(jobs?: Jobs) {
    this.#jobs = jobs;
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
    const items = new ApplyItems(groups);
    assert(items.length > 0 && items.length <= MAX_TRANSFERS, 'number of transfers');
    const outcomes = await this.#call(tx, items);
    assert(outcomes.length === groups.length, 'each group has an outcome');
    await this.#endInTime(
      tx,
      groups.filter((_, index) => outcomes[index] === 'applied'),
    );
    return outcomes;
  }

  /** Voids those of the holds that are still open, each once. */
  async expireHolds(tx: Tx, transferIds: readonly string[]): Promise<void> {
    await this.applyEach(
      tx,
      transferIds.map((pendingId) => ({
        groupId: `${pendingId}.expired`,
        transfers: [{ kind: 'void', pendingId }],
      })),
    );
  }

  /** Closes accounts for good: nothing is ever moved on them again. An outcome each, in order. */
  async closeAccounts(
    tx: Tx,
    accounts: readonly AccountRef[],
  ): Promise<readonly ('closed' | 'not_empty' | 'not_found')[]> {
    const rows = await tx.query<{ outcomes: ('closed' | 'not_empty' | 'not_found')[] }>(
      'select ledger_close($1, $2, $3) as outcomes',
      [tx.scope, tx.now(), accounts.map(accountId)],
    );
    return one(rows, 'outcomes').outcomes;
  }

  async balance(tx: Tx, account: AccountRef): Promise<Balance> {
    return (await this.balances(tx, [account])).get(accountId(account)) ?? NO_BALANCE;
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

  async #call(tx: Tx, items: ApplyItems): Promise<('applied' | Refusal)[]> {
    const unseen = this.#seen.unseen(tx.scope, items.accountIds);
    try {
      const rows = await tx.query<{ outcomes: ('applied' | Refusal)[] }>(
        `select ledger_apply($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
           as outcomes`,
        [tx.scope, tx.now(), ...items.parameters, unseen.length > 0],
      );
      if (unseen.length > 0) tx.afterCommit(() => this.#seen.add(tx.scope, unseen));
      return one(rows, 'outcomes').outcomes;
    } catch (error) {
      // The same group id, on other accounts, so that no lock made one of the two wait for the other.
      if (violates(error, 'ledger_transfers_pk')) throw new DecidedMeanwhile('a group id was used meanwhile');
      throw error;
    }
  }

  /** A job for each time at which holds end: it exists if and only if they do. */
  async #endInTime(tx: Tx, applied: readonly TransferGroup[]): Promise<void> {
    const ending = applied
      .flatMap(({ transfers }) => transfers)
      .flatMap((each) =>
        each.kind === 'pending' && each.expiresAt ? [{ id: each.transferId, at: each.expiresAt }] : [],
      );
    for (const holds of Map.groupBy(ending, ({ at }) => at.getTime()).values()) {
      const [first] = holds;
      assert(this.#jobs && first, 'a ledger without jobs cannot end holds');
      const payload: ExpireHoldsPayload = { transferIds: holds.map(({ id }) => id) };
      await this.#jobs.enqueue(tx, EXPIRE_HOLDS, payload, first.at);
    }
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
