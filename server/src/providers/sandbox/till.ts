import { randomInt } from 'node:crypto';
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
import type { Clock } from '../../kernel/clock.ts';
import { ApiError, notFound, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { formatMinor, parseMinor } from '../../kernel/money.ts';
import { normalizeCode } from './cash-network.ts';
import { commitAuthorization, insertAuthorization, lockAuthorization } from './till-store.ts';

/** ISO 8583 response code for an approval. */
const APPROVED = '00';
const ACCOUNT_DIGITS = 16;
const REFERENCE_DIGITS = 12;

/**
 * The sandbox's till. It reads a code and authorizes a load, then commits it; the commit enters by
 * `CashIns.applyCashDeposit`, the door of every cash network.
 */
export class SandboxTill {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #cashIns: CashIns;

  constructor(clock: Clock, ids: Ids, cashIns: CashIns) {
    this.#clock = clock;
    this.#ids = ids;
    this.#cashIns = cashIns;
  }

  async authorize(tx: Tx, body: BodyOf<typeof simulateBarcodeAuth>): Promise<BarcodeAuthorization> {
    const amountMinor = readAmount(body.amount);
    const cashIn = await this.#cashIns.findForTill(
      tx,
      normalizeCode(body.barcode),
      amountMinor,
      body.customerId,
    );
    const confirmationId = this.#ids.next('cashAuthorization');
    const accountNumber = digits(ACCOUNT_DIGITS);
    const accountReferenceNumber = digits(REFERENCE_DIGITS);
    await insertAuthorization(tx, {
      confirmation_id: confirmationId,
      cash_in_id: cashIn.cash_in_id,
      account_number: accountNumber,
      account_reference_number: accountReferenceNumber,
      authorized: amountMinor,
      created_at: this.#clock.now(),
    });
    return { ...this.#approval(amountMinor, confirmationId), accountNumber, accountReferenceNumber };
  }

  /** Commits up to the authorized amount. The same commit again is answered alike and takes no more cash. */
  async commit(tx: Tx, body: BodyOf<typeof simulateAuthCommit>): Promise<AuthorizationCommit> {
    const amountMinor = readAmount(body.amount);
    const authorization = await lockAuthorization(tx, body.originalConfirmationId);
    const matches =
      authorization?.account_number === body.accountNumber &&
      authorization.account_reference_number === body.accountReferenceNumber;
    if (!authorization || !matches) throw notFound('authorization');
    const cashIn = await this.#cashIns.get(tx, authorization.cash_in_id);
    if (body.customerId !== undefined && body.customerId !== cashIn.customer_id)
      throw notFound('authorization');
    if (authorization.committed !== null) {
      if (authorization.committed !== amountMinor) throw committedAlready();
      const confirmationId = must(authorization.commit_confirmation_id, 'a commit has a confirmation');
      return this.#approval(amountMinor, confirmationId);
    }
    if (amountMinor > authorization.authorized) throw aboveAuthorized(authorization.authorized);
    const confirmationId = this.#ids.next('cashAuthorization');
    await commitAuthorization(tx, authorization.confirmation_id, amountMinor, confirmationId);
    await this.#cashIns.applyCashDeposit(tx, {
      providerEventId: confirmationId,
      cashInId: authorization.cash_in_id,
      amountMinor,
    });
    return this.#approval(amountMinor, confirmationId);
  }

  #approval(amountMinor: bigint, confirmationId: string): AuthorizationCommit {
    return {
      authorizedAmount: formatMinor(amountMinor, 'usd'),
      confirmationId,
      responseCode: APPROVED,
      responseId: this.#ids.next('cashAuthorization'),
      responseText: 'Approved',
    };
  }
}

function readAmount(amount: string): bigint {
  const minor = parseMinor(amount, 'usd');
  if (minor !== undefined && minor > 0n) return minor;
  throw validationError([{ field: 'amount', issue: 'must be a positive amount with at most 2 decimals' }]);
}

const committedAlready = (): ApiError =>
  new ApiError(409, 'invalid_state', 'The authorization was committed with another amount.');

const aboveAuthorized = (authorizedMinor: bigint): ApiError =>
  new ApiError(422, 'amount_out_of_range', 'More than was authorized.', {
    details: [{ field: 'amount', issue: `must be at most ${formatMinor(authorizedMinor, 'usd')}` }],
  });

function digits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}
