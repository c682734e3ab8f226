import { assert } from '../kernel/assert.ts';
import { accountId, limitSideOf } from './chart.ts';
import type { TransferGroup, TransferRequest } from './transfers.ts';

type Resolution = Extract<TransferRequest, { kind: 'post' | 'void' }>;
type Movement = Exclude<TransferRequest, Resolution>;

/** Groups as the arrays that `ledger_apply` takes: one place per item (migration 0009 says what each means). */
export class ApplyItems {
  readonly #sides = new Map<string, string>();
  readonly #groups: number[] = [];
  readonly #groupIds: string[] = [];
  readonly #positions: number[] = [];
  readonly #kinds: string[] = [];
  readonly #transferIds: (string | null)[] = [];
  readonly #pendingIds: (string | null)[] = [];
  readonly #debits: (string | null)[] = [];
  readonly #credits: (string | null)[] = [];
  readonly #amounts: (string | null)[] = [];
  readonly #expiresAt: (Date | null)[] = [];
  readonly #madeAt: number[] = [];
  readonly #sameGroup: number[] = [];
  readonly #sameHold: number[] = [];
  readonly #placeOfGroup = new Map<string, number>();
  readonly #placeOfHold = new Map<string, number>();
  /** Places, from 1, of the items that make holds. */
  readonly #placeOfPending = new Map<string, number>();

  constructor(groups: readonly TransferGroup[]) {
    for (const [index, { groupId, transfers }] of groups.entries()) {
      assert(transfers.length > 0, 'a group has transfers');
      for (const [position, transfer] of transfers.entries()) {
        this.#groups.push(index + 1);
        this.#groupIds.push(groupId);
        this.#positions.push(position + 1);
        this.#kinds.push(transfer.kind);
        this.#sameGroup.push(firstPlace(this.#placeOfGroup, groupId, this.length));
        if (transfer.kind === 'post' || transfer.kind === 'void') this.#addResolution(transfer);
        else this.#addMovement(transfer);
      }
    }
  }

  get length(): number {
    return this.#groups.length;
  }

  /** Of the accounts that movements name. */
  get accountIds(): string[] {
    return [...this.#sides.keys()].sort(byBytes);
  }

  /** The parameters of `ledger_apply` between time and `p_may_open`. */
  get parameters(): readonly unknown[] {
    const { accountIds } = this;
    const places = new Map(accountIds.map((id, index) => [id, index + 1]));
    const placeOf = (id: string | null): number | null => (id === null ? null : (places.get(id) ?? null));
    return [
      accountIds,
      accountIds.map((id) => this.#sides.get(id)),
      this.#groups,
      this.#groupIds,
      this.#positions,
      this.#kinds,
      this.#transferIds,
      this.#pendingIds,
      this.#debits.map(placeOf),
      this.#credits.map(placeOf),
      this.#amounts,
      this.#expiresAt,
      this.#madeAt,
      this.#sameGroup,
      this.#sameHold,
    ];
  }

  #addMovement(transfer: Movement): void {
    const { debit, credit, minor } = transfer;
    assert(debit.asset === credit.asset, 'a transfer moves one asset');
    assert(minor > 0n, 'a transfer moves something');
    const debitId = accountId(debit);
    const creditId = accountId(credit);
    assert(debitId !== creditId, 'a transfer has two accounts');
    this.#sides.set(debitId, limitSideOf(debit.kind));
    this.#sides.set(creditId, limitSideOf(credit.kind));
    const transferId = transfer.kind === 'pending' ? transfer.transferId : null;
    if (transferId !== null) firstPlace(this.#placeOfPending, transferId, this.length);
    this.#transferIds.push(transferId);
    this.#expiresAt.push((transfer.kind === 'pending' && transfer.expiresAt) || null);
    this.#pendingIds.push(null);
    this.#debits.push(debitId);
    this.#credits.push(creditId);
    this.#amounts.push(minor.toString());
    this.#madeAt.push(0);
    this.#sameHold.push(0);
  }

  #addResolution(transfer: Resolution): void {
    const madeAt = this.#placeOfPending.get(transfer.pendingId) ?? 0;
    const minor = transfer.kind === 'post' ? transfer.minor : undefined;
    assert(minor === undefined || minor > 0n, 'a post moves something');
    this.#transferIds.push(null);
    this.#expiresAt.push(null);
    this.#pendingIds.push(transfer.pendingId);
    this.#debits.push(this.#debits[madeAt - 1] ?? null);
    this.#credits.push(this.#credits[madeAt - 1] ?? null);
    this.#amounts.push(minor?.toString() ?? null);
    this.#madeAt.push(madeAt);
    this.#sameHold.push(firstPlace(this.#placeOfHold, transfer.pendingId, this.length));
  }
}

/** The place given first for the key; the given one is noted if there is none. */
function firstPlace(places: Map<string, number>, key: string, place: number): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, place);
  return place;
}

/** Every process locks in the same order, whatever the collation of the database. Ids are ASCII. */
const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
