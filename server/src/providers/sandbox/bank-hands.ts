import type { BankRailName, CorrectedDetails } from '../../bank/provider.ts';
import type { Tx } from '../../db/database.ts';
import { ApiError } from '../../kernel/errors.ts';
import type { SandboxBank } from './bank.ts';

interface Payout {
  readonly payout_id: string;
  readonly rail: BankRailName;
}

/** The latest payout of a transaction. */
export type FindPayout = (tx: Tx, transactionId: string) => Promise<Payout | undefined>;

/** Why a bank refuses a payment when nobody says why. */
const USUAL_REJECTION: Readonly<Record<BankRailName, string>> = { ach: 'R13', wire: 'MS03', swift: 'MS03' };

/**
 * What the sandbox's bank does to the payout of a transaction when it is told to. Each works in the caller's transaction
 * and throws 409 `invalid_state` where it cannot happen, 400 naming the field of the request that is wrong.
 */
export class BankHands {
  readonly #bank: SandboxBank;
  readonly #find: FindPayout;

  constructor(bank: SandboxBank, find: FindPayout) {
    this.#bank = bank;
    this.#find = find;
  }

  async settle(tx: Tx, transactionId: string): Promise<void> {
    await this.#bank.settle(tx, (await this.#payout(tx, transactionId)).payout_id);
  }

  async reject(tx: Tx, transactionId: string, code: string | undefined): Promise<void> {
    const { payout_id, rail } = await this.#payout(tx, transactionId);
    await this.#bank.reject(tx, payout_id, code ?? USUAL_REJECTION[rail]);
  }

  async sendBack(tx: Tx, transactionId: string, returnCode: string): Promise<void> {
    const { payout_id } = await this.#payout(tx, transactionId);
    await this.#bank.returnPayout(tx, payout_id, returnCode).catch(withReturnCode);
  }

  async notifyOfChange(
    tx: Tx,
    transactionId: string,
    code: string,
    corrected: CorrectedDetails,
  ): Promise<void> {
    const { payout_id } = await this.#payout(tx, transactionId);
    await this.#bank.notifyOfChange(tx, payout_id, code, corrected);
  }

  async #payout(tx: Tx, transactionId: string): Promise<Payout> {
    const payout = await this.#find(tx, transactionId);
    if (!payout) throw new ApiError(409, 'invalid_state', 'Nothing of this transaction is at a bank.');
    return payout;
  }
}

/** The bank knows one kind of code; the request has two. */
function withReturnCode(error: unknown): never {
  if (!(error instanceof ApiError)) throw error;
  const details = error.details.map(({ field, issue }) => ({
    field: field === 'code' ? 'returnCode' : field,
    issue,
  }));
  throw new ApiError(error.status, error.code, error.message, { details, cause: error });
}
