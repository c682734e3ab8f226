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

export function toTransaction(row: TransactionRow, perspective: Perspective = {}): Transaction {
  const sourceNet = row.source_gross - row.source_fee_oms;
  const destinationAmount = formatMinor(row.destination_gross, row.destination_asset);
  return {
    id: row.transaction_id,
    object: 'transaction',
    type: row.type,
    status: row.status,
    ...(row.sub_status !== null && { subStatus: row.sub_status }),
    customerId: row.sender_customer_id,
    ...(row.cash_in_id !== null && { cashInId: row.cash_in_id }),
    senderCustomerId: row.sender_customer_id,
    ...(row.recipient_customer_id !== null && { recipientCustomerId: row.recipient_customer_id }),
    ...roleOf(row, perspective),
    source: {
      asset: row.source_asset,
      network: row.source_network,
      amountGross: formatMinor(row.source_gross, row.source_asset),
      amountNet: formatMinor(sourceNet, row.source_asset),
      feesDeducted: feesDeducted(row.source_fee_oms, row.source_asset),
      ...(row.location_id !== null &&
        row.location_reference !== null && {
          cash: { locationId: row.location_id, locationReference: row.location_reference },
        }),
      rail: row.source_network,
      paymentRail: row.source_network,
    },
    destination: {
      wallet: {
        ...(row.destination_wallet_id !== null && { walletId: row.destination_wallet_id }),
        ...(row.destination_address !== null && { blockchainAddress: row.destination_address }),
      },
      asset: row.destination_asset,
      network: row.destination_network,
      amountGross: destinationAmount,
      amountNet: destinationAmount,
      feesDeducted: feesDeducted(0n, row.destination_asset),
      rail: 'crypto',
      paymentRail: 'crypto',
      txHash: row.tx_hash,
    },
    rates: {
      pair: `${row.source_asset}/${row.destination_asset}`,
      exchangeRate: row.exchange_rate,
      effectiveRate: effectiveRate(
        { asset: row.source_asset, grossMinor: row.source_gross },
        { asset: row.destination_asset, netMinor: row.destination_gross },
      ),
    },
    fixedAmountSide: 'source',
    developerFees: [],
    sponsorGas: row.sponsor_gas,
    sponsorGasCost: formatMinor(0n, 'usd'),
    ...(row.error_code !== null && { error: { code: row.error_code, message: row.error_message ?? '' } }),
    metadata: row.metadata,
    createdAt: toIsoSeconds(row.created_at),
    updatedAt: toIsoSeconds(row.updated_at),
    ...(row.completed_at && { completedAt: toIsoSeconds(row.completed_at) }),
  };
}
