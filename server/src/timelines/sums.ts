import type { TimelineEntry } from '@openoms/contract/console/timeline.ts';
import { applyRate, convert, divide, formatMinor, parseMinor, parseRate } from '../kernel/money.ts';
import { costOf } from '../kernel/price.ts';
import type { CashInRow, TransactionRow } from './store.ts';

type SumLine = NonNullable<TimelineEntry['sum']>[number];

const line = (
  label: string,
  operator: SumLine['operator'],
  amount: string,
  unit: string,
  note: string | null = null,
): SumLine => ({ label, operator, amount, unit, note });

const PERCENT_DECIMALS = 4;

/** A share such as "0.015" as "1.5". */
function percent(rate: string): string {
  const { numerator, denominator } = parseRate(rate);
  const digits = divide(numerator * 100n * 10n ** BigInt(PERCENT_DECIMALS), denominator, 'down')
    .toString()
    .padStart(PERCENT_DECIMALS + 1, '0');
  const fraction = digits.slice(-PERCENT_DECIMALS).replace(/0+$/, '');
  return digits.slice(0, -PERCENT_DECIMALS) + (fraction === '' ? '' : `.${fraction}`);
}

/** How the price of a transaction comes about, down to what is left by rounding. */
export function sumOf(row: TransactionRow): SumLine[] {
  const source = row.source_asset;
  const unit = source.toUpperCase();
  const fees = row.source_fee_oms + row.source_fee_developer + row.source_fee_gas;
  const net = row.source_gross - fees;
  const isFixed = row.fixed_side === 'destination';
  return [
    line(
      'Amount',
      '',
      formatMinor(row.source_gross, source),
      unit,
      isFixed ? 'Worked back from what is to arrive: the least that leaves it after fees.' : null,
    ),
    line(
      'OMS fee',
      '−',
      formatMinor(row.source_fee_oms, source),
      unit,
      'By the settings when it was priced.',
    ),
    ...developerLines(row, unit),
    ...(row.source_fee_gas > 0n
      ? [line('Gas fee', '−', formatMinor(row.source_fee_gas, source), unit, 'What the network costs.')]
      : []),
    line('After fees', '=', formatMinor(net, source), unit),
    ...exchangeLines(row, net),
  ];
}

function developerLines(row: TransactionRow, unit: string): SumLine[] {
  if (row.source_fee_developer === 0n) return [];
  const listed = row.developer_fees.reduce(
    (sum, { amount = '' }) => sum + (parseMinor(amount, row.source_asset) ?? 0n),
    0n,
  );
  // As a rule they are listed one by one; what is not is one line.
  if (listed !== row.source_fee_developer) {
    return [line('Developer fee', '−', formatMinor(row.source_fee_developer, row.source_asset), unit)];
  }
  return row.developer_fees.map(({ amount = '0.00', flatFee, percentage }) => {
    const share = percentage && percentage !== '0' ? `${percent(percentage)}% of the amount, half up` : '';
    const flat = flatFee && !/^[0.]+$/.test(flatFee) ? `${flatFee} flat` : '';
    return line('Developer fee', '−', amount, unit, [share, flat].filter(Boolean).join(', plus ') || null);
  });
}

function exchangeLines(row: TransactionRow, net: bigint): SumLine[] {
  const { source_asset: source, destination_asset: destination, exchange_rate: exchangeRate } = row;
  const arrives = formatMinor(row.destination_gross, destination);
  if (source === destination) return [line('Arrives', '=', arrives, destination.toUpperCase())];
  const converted = costOf(
    { asset: destination, minor: row.destination_gross },
    { source, destination, exchangeRate },
  );
  const rest = net - converted;
  const exact = convert({ asset: source, minor: net }, destination, parseRate(exchangeRate), 'up').minor;
  const note =
    rest > 0n
      ? `${formatMinor(rest, source)} ${source.toUpperCase()} buys less than the smallest unit and is booked as rounding.`
      : exact > row.destination_gross
        ? 'Rounded down to the smallest unit.'
        : 'Exact.';
  return [
    line('Exchange rate', '×', exchangeRate, `${destination} per ${source}`),
    line('Arrives', '=', arrives, destination.toUpperCase(), note),
  ];
}

/** What becomes of cash that is handed over. */
export function sumOfCashIn(row: CashInRow): SumLine[] {
  const gross = row.deposited ?? row.indicated;
  const share = applyRate(gross, parseRate(row.fee_rate), 'halfUp');
  const net = gross - share - row.fee_fixed;
  const arrives = convert({ asset: 'usd', minor: net }, 'usdc', parseRate('1.0'), 'down').minor;
  const usd = (minor: bigint) => formatMinor(minor, 'usd');
  return [
    line(row.deposited === null ? 'Announced' : 'Cash', '', usd(gross), 'USD'),
    line(
      'OMS fee',
      '−',
      usd(share + row.fee_fixed),
      'USD',
      `${percent(row.fee_rate)}% of ${usd(gross)} is ${usd(share)}, half up, plus ${usd(row.fee_fixed)}.`,
    ),
    line('After fees', '=', usd(net), 'USD'),
    line('Exchange rate', '×', '1.0', 'usdc per usd'),
    line('Arrives', '=', formatMinor(arrives, 'usdc'), 'USDC', 'Exact.'),
  ];
}
