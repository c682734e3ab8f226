import type { Quote } from '@openoms/contract/quotes.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import { effectiveRate, feesDeducted } from '../kernel/wire-money.ts';
import type { QuoteRow } from './store.ts';

export type QuoteView = Omit<QuoteRow, 'updated_at'>;

/** At `now`, because an open quote expires by itself. */
export function toQuote(row: QuoteView, now: Date): Quote {
  const { source_asset: source, destination_asset: destination } = row;
  const netMinor = row.source_gross - row.fee_developer - row.fee_oms - row.fee_gas;
  const arriving = formatMinor(row.destination_gross, destination);
  return {
    id: row.quote_id,
    object: 'quote',
    type: row.type,
    status: row.status === 'open' && row.expires_at <= now ? 'expired' : row.status,
    customerId: row.customer_id,
    source: {
      walletId: row.source_wallet_id,
      asset: source,
      network: row.source_network,
      amountGross: formatMinor(row.source_gross, source),
      amountNet: formatMinor(netMinor, source),
      feesDeducted: feesDeducted(
        { developer: row.fee_developer, oms: row.fee_oms, gas: row.fee_gas },
        source,
      ),
    },
    destination: {
      ...destinationOf(row),
      asset: destination,
      network: row.destination_network,
      amountGross: arriving,
      amountNet: arriving,
      feesDeducted: feesDeducted({}, destination),
    },
    rates: {
      pair: `${source}/${destination}`,
      exchangeRate: row.exchange_rate,
      effectiveRate: effectiveRate(
        { asset: source, grossMinor: row.source_gross },
        { asset: destination, netMinor: row.destination_gross },
      ),
    },
    fixedAmountSide: row.fixed_side,
    developerFees: row.developer_fees,
    sponsorGas: row.sponsor_gas,
    sponsorGasCost: formatMinor(row.gas_cost, 'usd'),
    ...(row.transaction_id !== null && { transactionId: row.transaction_id }),
    metadata: row.metadata,
    expiresAt: toIsoSeconds(row.expires_at),
    createdAt: toIsoSeconds(row.created_at),
  };
}

/** The target under the name that the request gave it. */
function destinationOf(row: QuoteView): Pick<Quote['destination'], 'wallet' | 'cash'> {
  if (row.destination_location_id !== null) {
    return {
      cash: {
        locationId: row.destination_location_id,
        locationReference: row.destination_location_reference ?? '',
      },
    };
  }
  if (row.destination_wallet_id !== null) return { wallet: { id: row.destination_wallet_id } };
  if (row.destination_external_account_id !== null) {
    return { wallet: { externalAccount: row.destination_external_account_id } };
  }
  return { wallet: { blockchainAddress: row.destination_address ?? '' } };
}
