import type { BodyOf } from '@openoms/contract/operation.ts';
import type {
  SimulatedBankDeposit,
  simulateVirtualAccountDeposit,
} from '@openoms/contract/virtual-accounts.ts';
import type { CreditRailName } from '../../bank/provider.ts';
import type { Tx } from '../../db/database.ts';
import type { Events } from '../../events/events.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import { validationError } from '../../kernel/errors.ts';
import { formatMinor, parseMinor } from '../../kernel/money.ts';
import type { Sealer } from '../../sealing/sealers.ts';
import type { VirtualAccounts } from '../../virtual-accounts/service.ts';
import type { SandboxBank } from './bank.ts';
import { toCausedEvent } from './caused.ts';

type Body = BodyOf<typeof simulateVirtualAccountDeposit>;

const RAIL: Readonly<Record<Body['rail'], CreditRailName>> = {
  ach_in: 'ach',
  wire_in: 'wire',
  swift_in: 'swift',
  rtp_in: 'rtp',
};

interface BankDepositsDeps {
  readonly events: Events;
  readonly bank: SandboxBank;
  readonly accounts: VirtualAccounts;
}

/** Someone pays to a virtual account: the sandbox's bank tells us as any bank would. */
export class BankDeposits {
  readonly #deps: BankDepositsDeps;

  constructor(deps: BankDepositsDeps) {
    this.#deps = deps;
  }

  /** Throws 404, and 400 for an amount that is not of whole cents. */
  async simulate(
    tx: Tx,
    virtualAccountId: string,
    body: Body,
    sealer: Sealer,
  ): Promise<SimulatedBankDeposit> {
    const { accounts, bank, events } = this.#deps;
    const { rail, amount, senderName, memo } = body;
    const amountMinor = parseMinor(amount.value, 'usd');
    if (amountMinor === undefined || amountMinor === 0n) {
      throw validationError([
        { field: 'amount.value', issue: 'must be a positive amount with at most 2 decimals' },
      ]);
    }
    const { bankDetails } = await accounts.get(tx, virtualAccountId, sealer);
    const caused = events.watch(tx);
    const reference = await bank.receive(tx, {
      accountNumber: bankDetails.accountNumber,
      rail: RAIL[rail],
      amountMinor,
      ...(senderName !== undefined && { senderName }),
      ...(memo !== undefined && { memo }),
    });
    return {
      virtualAccountId,
      rail,
      amount: { value: formatMinor(amountMinor, 'usd'), currency: 'USD' },
      status: 'submitted',
      submittedAt: toIsoSeconds(tx.now()),
      events: (await caused()).map(toCausedEvent),
      ...reference,
    };
  }
}
