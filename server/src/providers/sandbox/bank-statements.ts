import type { BodyOf } from '@openoms/contract/operation.ts';
import type { StatementLine, simulateStatementLine } from '@openoms/contract/reconciliation.ts';
import type { Bank } from '../../bank/service.ts';
import type { Tx } from '../../db/database.ts';
import { must } from '../../kernel/assert.ts';
import { ApiError, type ErrorDetail, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { parseMinor } from '../../kernel/money.ts';
import type { Transactions } from '../../transactions/service.ts';
import type { SandboxBank } from './bank.ts';

type Body = BodyOf<typeof simulateStatementLine>;

interface BankStatementsDeps {
  readonly ids: Ids;
  readonly bank: Bank;
  readonly sandboxBank: Pick<SandboxBank, 'name'>;
  readonly transactions: Pick<Transactions, 'get'>;
  /** The reference of a transaction's latest payout, once the bank has it. */
  readonly referenceOf: (tx: Tx, transactionId: string) => Promise<string | null | undefined>;
}

/** The sandbox's bank writes a statement: each line enters by `Bank.applyStatementEntry`, the door of every bank. */
export class BankStatements {
  readonly #deps: BankStatementsDeps;

  constructor(deps: BankStatementsDeps) {
    this.#deps = deps;
  }

  /** Throws 400, 404 for a transaction that is not there, 409 `invalid_state` when nothing of it is at the bank. */
  async list(tx: Tx, body: Body): Promise<StatementLine> {
    const { ids, bank, sandboxBank } = this.#deps;
    const amountMinor = readAmount(body);
    const line = await bank.applyStatementEntry(tx, {
      provider: sandboxBank.name,
      providerEventId: `statement/${ids.next('statementLine', tx)}`,
      direction: body.direction,
      amountMinor,
      reference: await this.#reference(tx, body),
    });
    return must(line, 'a new line is news');
  }

  async #reference(tx: Tx, { transactionId, reference }: Body): Promise<string> {
    if (transactionId === undefined) return must(reference, 'one of them is there');
    await this.#deps.transactions.get(tx, transactionId);
    const found = await this.#deps.referenceOf(tx, transactionId);
    if (found) return found;
    throw new ApiError(409, 'invalid_state', 'Nothing of this transaction is at a bank.');
  }
}

function readAmount({ amount, transactionId, reference }: Body): bigint {
  const details: ErrorDetail[] = [];
  const minor = parseMinor(amount, 'usd');
  if (minor === undefined || minor === 0n) {
    details.push({ field: 'amount', issue: 'must be a positive amount with at most 2 decimals' });
  }
  if ((transactionId === undefined) === (reference === undefined)) {
    details.push({ field: 'reference', issue: 'or transactionId is required, and only one of them' });
  }
  if (minor === undefined || details.length > 0) throw validationError(details);
  return minor;
}
