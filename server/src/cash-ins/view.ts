import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import { effectiveRate, feesDeducted } from '../kernel/wire-money.ts';
import { EXCHANGE_RATE, priceCashIn, toFeeSchedule } from './pricing.ts';
import type { CashInRow } from './store.ts';

/** Amounts are estimates by the indicated amount until the till said what it took. */
export function toCashIn(row: CashInRow): CashIn {
  const price = priceCashIn(row.deposited ?? row.indicated, row);
  const { asset, minor } = price.destination;
  const arriving = formatMinor(minor, asset);
  return {
    id: row.cash_in_id,
    object: 'cashIn',
    type: 'fiatToCrypto',
    customerId: row.customer_id,
    status: row.status,
    subStatus: row.sub_status,
    source: {
      asset: 'usd',
      network: 'cash',
      indicatedAmount: formatMinor(row.indicated, 'usd'),
      ...(row.deposited !== null && { amount: formatMinor(row.deposited, 'usd') }),
      amountGross: formatMinor(price.grossMinor, 'usd'),
      amountNet: formatMinor(price.netMinor, 'usd'),
      feesDeducted: feesDeducted({ oms: price.feeMinor }, 'usd'),
      ...(row.email !== null && { email: row.email }),
    },
    destination: {
      wallet: toTarget(row),
      asset: row.destination_asset,
      network: row.destination_network,
      amountGross: arriving,
      amountNet: arriving,
      feesDeducted: feesDeducted({}, asset),
    },
    cash: { locationId: row.location_id, locationReference: row.location_reference },
    location: { name: row.location_name, address: row.location_address },
    depositInstructions: {
      code: row.code,
      expiresAt: toIsoSeconds(row.code_expires_at),
      locationName: row.location_name,
      locationAddress: row.location_address,
    },
    omsFeeSchedule: toFeeSchedule(row),
    rates: {
      pair: `usd/${asset}`,
      exchangeRate: EXCHANGE_RATE,
      effectiveRate: effectiveRate(
        { asset: 'usd', grossMinor: price.grossMinor },
        { asset, netMinor: minor },
      ),
    },
    fixedAmountSide: 'source',
    developerFees: [],
    sponsorGas: row.sponsor_gas,
    sponsorGasCost: formatMinor(0n, 'usd'),
    transactionId: row.transaction_id,
    transaction: row.transaction_id,
    ...(row.error_code !== null && { error: { code: row.error_code, message: row.error_message ?? '' } }),
    metadata: row.metadata,
    createdAt: toIsoSeconds(row.created_at),
    updatedAt: toIsoSeconds(row.updated_at),
    completedAt: row.completed_at && toIsoSeconds(row.completed_at),
  };
}

/** As the client named it. */
function toTarget(row: CashInRow): CashIn['destination']['wallet'] {
  if (row.destination_wallet_id !== null) return { id: row.destination_wallet_id };
  if (row.destination_external_account_id !== null)
    return { externalAccount: row.destination_external_account_id };
  return { blockchainAddress: row.destination_address };
}
