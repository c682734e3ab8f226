import type { Transaction } from '@openoms/contract/transactions.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import { effectiveRate, feesDeducted } from '../kernel/wire-money.ts';
import type { TransactionRow } from './store.ts';

/** Whose view is asked for: sets `role` (contract 2.14). */
export interface Perspective {
  readonly senderCustomerId?: string | undefined;
  readonly recipientCustomerId?: string | undefined;
}

function roleOf(row: TransactionRow, perspective: Perspective): Pick<Transaction, 'role'> {
  const isSender = perspective.senderCustomerId === row.sender_customer_id;
  const isRecipient =
    perspective.recipientCustomerId !== undefined &&
    perspective.recipientCustomerId === row.recipient_customer_id;
  if (isSender && isRecipient) return { role: 'both' };
  if (isSender) return { role: 'sender' };
  return isRecipient ? { role: 'recipient' } : {};
}

/** The documents' words for what money travels by. */
const railOf = (network: string): string => {
  if (network === 'polygon') return 'crypto';
  return network === 'swift' ? 'international_wire' : network;
};

const railFields = (network: string) => ({ rail: railOf(network), paymentRail: railOf(network) });

export function toTransaction(row: TransactionRow, perspective: Perspective = {}): Transaction {
  return {
    id: row.transaction_id,
    object: 'transaction',
    type: row.type,
    status: row.status,
    ...(row.sub_status !== null && { subStatus: row.sub_status }),
    customerId: row.sender_customer_id,
    ...(row.quote_id !== null && { quoteId: row.quote_id }),
    ...(row.cash_in_id !== null && { cashInId: row.cash_in_id }),
    ...(row.deposit_address_id !== null && { depositAddressId: row.deposit_address_id }),
    ...(row.virtual_account_id !== null && { virtualAccountId: row.virtual_account_id }),
    senderCustomerId: row.sender_customer_id,
    ...(row.recipient_customer_id !== null && { recipientCustomerId: row.recipient_customer_id }),
    ...roleOf(row, perspective),
    source: toSource(row),
    destination: toDestination(row),
    rates: {
      pair: `${row.source_asset}/${row.destination_asset}`,
      exchangeRate: row.exchange_rate,
      effectiveRate: effectiveRate(
        { asset: row.source_asset, grossMinor: row.source_gross },
        { asset: row.destination_asset, netMinor: row.destination_gross },
      ),
    },
    fixedAmountSide: row.fixed_side,
    developerFees: row.developer_fees,
    sponsorGas: row.sponsor_gas,
    sponsorGasCost: formatMinor(row.gas_cost, 'usd'),
    ...(row.cash_pickup && { cashPickup: row.cash_pickup }),
    ...toTrouble(row),
    metadata: row.metadata,
    createdAt: toIsoSeconds(row.created_at),
    updatedAt: toIsoSeconds(row.updated_at),
    ...(row.completed_at && { completedAt: toIsoSeconds(row.completed_at) }),
  };
}

function toSource(row: TransactionRow): Transaction['source'] {
  const fees = {
    developer: row.source_fee_developer,
    oms: row.source_fee_oms,
    gas: row.source_fee_gas,
  };
  const netMinor = row.source_gross - fees.developer - fees.oms - fees.gas;
  return {
    ...(row.source_wallet_id !== null && { walletId: row.source_wallet_id }),
    asset: row.source_asset,
    network: row.source_network,
    amountGross: formatMinor(row.source_gross, row.source_asset),
    amountNet: formatMinor(netMinor, row.source_asset),
    feesDeducted: feesDeducted(fees, row.source_asset),
    ...(row.location_id !== null &&
      row.location_reference !== null && {
        cash: { locationId: row.location_id, locationReference: row.location_reference },
      }),
    ...railFields(row.source_network),
    ...(row.source_tx_hash !== null && { txHash: row.source_tx_hash }),
  };
}

function toDestination(row: TransactionRow): Transaction['destination'] {
  const amount = formatMinor(row.destination_gross, row.destination_asset);
  const accountId = row.destination_external_account_id;
  // A wallet is named by its id alone; what is at a saved address shows both.
  const isAddressShown = row.destination_wallet_id === null && row.destination_address !== null;
  return {
    ...(row.destination_location_id === null && {
      wallet: {
        ...(row.destination_wallet_id !== null && { walletId: row.destination_wallet_id }),
        ...(isAddressShown && { blockchainAddress: row.destination_address ?? '' }),
        ...(accountId !== null && { externalAccountId: accountId }),
      },
    }),
    ...(accountId !== null && { externalAccountId: accountId }),
    ...(row.bank_details && { bankDetails: row.bank_details }),
    ...(row.destination_owner !== null && { owner: { name: row.destination_owner } }),
    ...(row.destination_location_id !== null && {
      cash: {
        locationId: row.destination_location_id,
        locationReference: row.destination_location_reference ?? '',
      },
    }),
    asset: row.destination_asset,
    network: row.destination_network,
    amountGross: amount,
    amountNet: amount,
    feesDeducted: feesDeducted({}, row.destination_asset),
    ...railFields(row.destination_network),
    ...(row.destination_network === 'polygon' && { txHash: row.tx_hash }),
  };
}

/** What went wrong, and what is given back for it. */
function toTrouble(row: TransactionRow): Pick<Transaction, 'error' | 'return' | 'refund'> {
  return {
    ...(row.error_code !== null && {
      error: {
        code: row.error_code,
        message: row.error_message ?? '',
        ...(row.error_recoverable !== null && { recoverable: row.error_recoverable }),
      },
    }),
    ...(row.return_code !== null &&
      row.returned_at && {
        return: {
          code: row.return_code,
          reason: row.return_reason ?? '',
          amount: formatMinor(row.destination_gross, row.destination_asset),
          returnedAt: toIsoSeconds(row.returned_at),
        },
      }),
    ...(row.refund !== null &&
      row.refund_status && {
        refund: {
          amount: formatMinor(row.refund, row.source_asset),
          status: row.refund_status,
          txHash: row.refund_tx_hash,
        },
      }),
  };
}
