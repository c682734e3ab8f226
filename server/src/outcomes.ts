import { BANK_REASONS } from '@openoms/contract/bank-reasons.ts';
import type { PayoutAccounts, PayoutDetails } from './bank/provider.ts';
import type { Bank, BankHandlers, BankRailName, FailedPayout, ReturnedPayout } from './bank/service.ts';
import { SEND_PURPOSE as CASH_IN_PURPOSE } from './cash-ins/deps.ts';
import type { CashIns } from './cash-ins/service.ts';
import type { SettlementHandlers } from './chain/sends.ts';
import type { Tx } from './db/database.ts';
import type { DepositAddresses } from './deposit-addresses/service.ts';
import type { ExternalAccounts } from './external-accounts/service.ts';
import { assert, must } from './kernel/assert.ts';
import type { Sealers } from './sealing/sealers.ts';
import type { PayoutRail, PayoutTrouble, Transactions } from './transactions/service.ts';
import { isOwnPurpose as isTransactionPurpose } from './transactions/settlement.ts';
import type { Treasuries } from './treasury/service.ts';
import type { VirtualAccounts } from './virtual-accounts/service.ts';
import type { Wallets } from './wallets/service.ts';

/** Hands what the chain settles to the slice that asked for it, or that owns the address. */
export function settlementHandlers(slices: {
  readonly cashIns: CashIns;
  readonly transactions: Transactions;
  readonly wallets: Wallets;
  readonly treasuries: Treasuries;
  readonly depositAddresses: DepositAddresses;
}): SettlementHandlers {
  const { cashIns, transactions, wallets, treasuries, depositAddresses } = slices;
  const byPurpose = <S extends { readonly purpose: string }>(sends: readonly S[]) => {
    const ofCashIns = sends.filter(({ purpose }) => purpose === CASH_IN_PURPOSE);
    const ofTransactions = sends.filter(({ purpose }) => isTransactionPurpose(purpose));
    assert(ofCashIns.length + ofTransactions.length === sends.length, 'a send of unknown purpose');
    return { ofCashIns, ofTransactions };
  };
  return {
    sendsPaid: async (tx, sends) => {
      const { ofCashIns, ofTransactions } = byPurpose(sends);
      if (ofCashIns.length > 0) await cashIns.sendsPaid(tx, ofCashIns);
      if (ofTransactions.length > 0) await transactions.sendsPaid(tx, ofTransactions);
    },
    sendsFailed: async (tx, sends) => {
      const { ofCashIns, ofTransactions } = byPurpose(sends);
      if (ofCashIns.length > 0) await cashIns.sendsFailed(tx, ofCashIns);
      if (ofTransactions.length > 0) await transactions.sendsFailed(tx, ofTransactions);
    },
    depositsDetected: async (tx, deposits) => {
      const toWallets = deposits.filter(({ purpose }) => purpose === 'wallet');
      const toAddresses = deposits.filter(({ purpose }) => purpose === 'depositAddress');
      if (toWallets.length > 0) await wallets.depositsDetected(tx, toWallets);
      if (toAddresses.length > 0) await depositAddresses.depositsDetected(tx, toAddresses);
    },
    depositsCredited: async (tx, deposits) => {
      const toWallets = deposits.filter(({ purpose }) => purpose === 'wallet');
      const toTreasuries = deposits.filter(({ purpose }) => purpose === 'treasury');
      const toAddresses = deposits.filter(({ purpose }) => purpose === 'depositAddress');
      if (toWallets.length > 0) await wallets.depositsCredited(tx, toWallets);
      if (toTreasuries.length > 0) await treasuries.depositsCredited(tx, toTreasuries);
      if (toAddresses.length > 0) await depositAddresses.depositsCredited(tx, toAddresses);
    },
    // Nothing was credited, and the block that takes its place detects the transfer anew.
    depositsOrphaned: async () => {},
  };
}

/** The purpose of bank payouts; their resource is the transaction. */
const PAYOUT_PURPOSE = 'transaction';

/** The payout of a transaction, as the bank has it. */
export const payoutOf = (bank: Bank) => (tx: Tx, transactionId: string) =>
  bank.findPayoutOf(tx, PAYOUT_PURPOSE, transactionId);

/** Hands what the bank reports to the slice that asked for it. */
export function bankHandlers(slices: {
  readonly transactions: () => Transactions;
  readonly virtualAccounts: () => VirtualAccounts;
  readonly externalAccounts: ExternalAccounts;
  readonly sealers: Sealers;
}): BankHandlers {
  const { externalAccounts, sealers } = slices;
  return {
    payoutsSettled: (tx, payouts) =>
      slices.transactions().payoutsSettled(
        tx,
        payouts.map(({ resourceId }) => resourceId),
      ),
    payoutsFailed: (tx, payouts) => slices.transactions().payoutsFailed(tx, payouts.map(toTrouble)),
    payoutsReturned: (tx, payouts) => slices.transactions().payoutsReturned(tx, payouts.map(toTrouble)),
    detailsCorrected: async (tx, notices) => {
      for (const { externalAccountId, corrected } of notices) {
        const { accountNumber, routingNumber, accountType } = corrected;
        await externalAccounts.updateDetails(tx, sealers.opened(tx.scope), externalAccountId, {
          ...(accountNumber !== undefined && { accountNumber }),
          ...(routingNumber !== undefined && { routingNumber }),
          ...(accountType !== undefined && { accountType }),
        });
      }
    },
    creditsReceived: (tx, credits) => slices.virtualAccounts().creditsReceived(tx, credits),
    creditsReturned: (tx, credits) => slices.virtualAccounts().creditsReturned(tx, credits),
  };
}

function toTrouble(payout: FailedPayout | ReturnedPayout): PayoutTrouble {
  const { resourceId, reason, returnCode } = payout;
  const code = returnCode ?? ('rejectCode' in payout ? payout.rejectCode : undefined) ?? 'unknown';
  const known = BANK_REASONS.find((each) => each.code === code && each.rails.includes(payout.rail));
  return { transactionId: resourceId, code, reason, recoverable: known?.isRetryable ?? false };
}

/** Where payouts go, in the terms of the bank. */
export const payoutAccounts = (externalAccounts: ExternalAccounts): PayoutAccounts => ({
  payoutDetails: async (tx, sealer, externalAccountId): Promise<PayoutDetails> => {
    const { ownerName, country, type, details } = await externalAccounts.payoutDetails(
      tx,
      sealer,
      externalAccountId,
    );
    const bankName = details.bankName ?? '';
    if (type === 'usBank') {
      return {
        kind: 'us',
        ownerName,
        bankName,
        accountNumber: must(details.accountNumber, 'a bank account has a number'),
        routingNumber: must(details.routingNumber, 'a bank has a routing number'),
        accountType: details.accountType === 'savings' ? 'savings' : 'checking',
      };
    }
    assert(type === 'intlBank', 'a bank pays to bank accounts');
    return {
      kind: 'international',
      ownerName,
      bankName,
      accountNumber: must(details.iban ?? details.accountNumber, 'a bank account has a number'),
      bic: must(details.swiftCode, 'a bank abroad has a code'),
      country: must(country, 'a bank is in a country'),
    };
  },
});

/** The bank as a rail of transactions. */
export const bankPayoutRail = (bank: Bank): PayoutRail => ({
  requestPayouts: async (tx, orders) => {
    await bank.requestPayouts(
      tx,
      orders.map(({ transactionId, network, amountMinor, target }) => {
        assert('externalAccountId' in target, 'a bank pays to accounts');
        return {
          rail: railOf(network),
          amountMinor,
          externalAccountId: target.externalAccountId,
          purpose: PAYOUT_PURPOSE,
          resourceId: transactionId,
        };
      }),
    );
  },
});

const RAILS: readonly BankRailName[] = ['ach', 'wire', 'swift'];
const railOf = (network: string): BankRailName =>
  must(
    RAILS.find((rail) => rail === network),
    'a bank payout goes over a rail of banks',
  );
