import type { BodyOf } from '@openoms/contract/operation.ts';
import type {
  AuthorizationCommit,
  BarcodeAuthorization,
  simulateAuthCommit,
  simulateBarcodeAuth,
} from '@openoms/contract/simulations.ts';
import type { CashIns } from '../../cash-ins/service.ts';
import type { Tx } from '../../db/database.ts';
import { must } from '../../kernel/assert.ts';
import { ApiError, notFound, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { formatMinor, parseMinor } from '../../kernel/money.ts';
import { normalizeCode } from './cash-network.ts';
import { tillMagic } from './magic-values.ts';
import type { SandboxRails } from './rails.ts';
import {
  type AuthorizationRow,
  type Commit,
  commitAuthorizations,
  insertAuthorization,
  lockAuthorizations,
} from './till-store.ts';

/** ISO 8583 response code for an approval. */
const APPROVED = '00';
const ACCOUNT_DIGITS = 16;
const REFERENCE_DIGITS = 12;

/**
 * The sandbox's till. It reads a code and authorizes a load, then commits it; the commit enters by the rails, which lead
 * to `CashIns.applyCashDeposits`, the door of every cash network.
 */
export class SandboxTill {
  readonly #ids: Ids;
  readonly #cashIns: Pick<CashIns, 'findForTill' | 'customersOf'>;
  readonly #rails: Pick<SandboxRails, 'tellDeposits'>;

  constructor(deps: {
    readonly ids: Ids;
    readonly cashIns: Pick<CashIns, 'findForTill' | 'customersOf'>;
    readonly rails: Pick<SandboxRails, 'tellDeposits'>;
  }) {
    this.#ids = deps.ids;
    this.#cashIns = deps.cashIns;
    this.#rails = deps.rails;
  }

  /** An amount that is a magic value is declined: what the answer names was not authorized. */
  async authorize(tx: Tx, body: BodyOf<typeof simulateBarcodeAuth>): Promise<BarcodeAuthorization> {
    const amountMinor = parseAmount(body.amount);
    if (amountMinor === undefined) throw invalidAmount();
    const cashIn = await this.#cashIns.findForTill(
      tx,
      normalizeCode(body.barcode),
      amountMinor,
      body.customerId,
    );
    const confirmationId = this.#ids.next('cashAuthorization', tx);
    const accountNumber = tx.random.digits(ACCOUNT_DIGITS);
    const accountReferenceNumber = tx.random.digits(REFERENCE_DIGITS);
    const declined = tillMagic(tx.scenario, formatMinor(amountMinor, 'usd'));
    if (declined) {
      const { responseCode, responseText } = declined;
      const nothing = this.#approval(tx, 0n, confirmationId);
      return { ...nothing, responseCode, responseText, accountNumber, accountReferenceNumber };
    }
    await insertAuthorization(tx, {
      confirmation_id: confirmationId,
      cash_in_id: cashIn.cash_in_id,
      account_number: accountNumber,
      account_reference_number: accountReferenceNumber,
      authorized: amountMinor,
      created_at: tx.now(),
    });
    return { ...this.#approval(tx, amountMinor, confirmationId), accountNumber, accountReferenceNumber };
  }

  /**
   * Commits, each up to its authorized amount and decided by itself. The same commit again, in this call or a later
   * one, is answered alike and takes no more cash.
   */
  async commit(tx: Tx, bodies: readonly CommitBody[]): Promise<(AuthorizationCommit | ApiError)[]> {
    const found = await this.#find(tx, bodies);
    const first = new Map<string, Commit>();
    const decided = bodies.map((body, index) => {
      const decision = this.#decide(tx, body, found[index], first);
      if (!(decision instanceof ApiError) && !decision.isRepeated) {
        first.set(decision.commit.originalConfirmationId, decision.commit);
      }
      return decision;
    });
    const commits = [...first.values()];
    const results = await this.#rails.tellDeposits(
      tx,
      commits.map(({ originalConfirmationId, amountMinor, confirmationId }) => ({
        providerEventId: confirmationId,
        cashInId: must(
          found.find((each) => each?.confirmation_id === originalConfirmationId),
          'it was found',
        ).cash_in_id,
        amountMinor,
      })),
    );
    const refusals = new Map(commits.map(({ confirmationId }, index) => [confirmationId, results[index]]));
    const made = commits.filter(({ confirmationId }) => !refusals.get(confirmationId));
    if (made.length > 0) await commitAuthorizations(tx, made);
    return decided.map((decision) => {
      if (decision instanceof ApiError) return decision;
      const { amountMinor, confirmationId } = decision.commit;
      return refusals.get(confirmationId) ?? this.#approval(tx, amountMinor, confirmationId);
    });
  }

  /** The authorization each body means, if it names it rightly. */
  async #find(tx: Tx, bodies: readonly CommitBody[]): Promise<(AuthorizationRow | undefined)[]> {
    const originals = [...new Set(bodies.map(({ originalConfirmationId }) => originalConfirmationId))];
    const byId = new Map((await lockAuthorizations(tx, originals)).map((row) => [row.confirmation_id, row]));
    const customers = await this.#cashIns.customersOf(
      tx,
      [...byId.values()].map((row) => row.cash_in_id),
    );
    return bodies.map((body) => {
      const row = byId.get(body.originalConfirmationId);
      const isMeant =
        row?.account_number === body.accountNumber &&
        row.account_reference_number === body.accountReferenceNumber &&
        (body.customerId === undefined || body.customerId === customers.get(row.cash_in_id));
      return isMeant ? row : undefined;
    });
  }

  #decide(
    tx: Tx,
    body: CommitBody,
    row: AuthorizationRow | undefined,
    first: ReadonlyMap<string, Commit>,
  ): { readonly commit: Commit; readonly isRepeated: boolean } | ApiError {
    const amountMinor = parseAmount(body.amount);
    if (amountMinor === undefined) return invalidAmount();
    if (!row) return notFound('authorization');
    const before = first.get(row.confirmation_id) ?? earlierCommit(row);
    if (before) {
      return before.amountMinor === amountMinor ? { commit: before, isRepeated: true } : committedAlready();
    }
    if (amountMinor > row.authorized) return aboveAuthorized(row.authorized);
    const confirmationId = this.#ids.next('cashAuthorization', tx);
    const commit = { originalConfirmationId: row.confirmation_id, amountMinor, confirmationId };
    return { commit, isRepeated: false };
  }

  #approval(tx: Tx, amountMinor: bigint, confirmationId: string): AuthorizationCommit {
    return {
      authorizedAmount: formatMinor(amountMinor, 'usd'),
      confirmationId,
      responseCode: APPROVED,
      responseId: this.#ids.next('cashAuthorization', tx),
      responseText: 'Approved',
    };
  }
}

type CommitBody = BodyOf<typeof simulateAuthCommit>;

const earlierCommit = (row: AuthorizationRow): Commit | undefined =>
  row.committed === null || row.commit_confirmation_id === null
    ? undefined
    : {
        originalConfirmationId: row.confirmation_id,
        amountMinor: row.committed,
        confirmationId: row.commit_confirmation_id,
      };

function parseAmount(amount: string): bigint | undefined {
  const minor = parseMinor(amount, 'usd');
  return minor === 0n ? undefined : minor;
}

const invalidAmount = (): ApiError =>
  validationError([{ field: 'amount', issue: 'must be a positive amount with at most 2 decimals' }]);

const committedAlready = (): ApiError =>
  new ApiError(409, 'invalid_state', 'The authorization was committed with another amount.');

const aboveAuthorized = (authorizedMinor: bigint): ApiError =>
  new ApiError(422, 'amount_out_of_range', 'More than was authorized.', {
    details: [{ field: 'amount', issue: `must be at most ${formatMinor(authorizedMinor, 'usd')}` }],
  });
