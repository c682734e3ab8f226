import { ArrowDown, ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Amount } from '../../components/amount.tsx';
import { isZero } from '../../components/decimal.ts';
import { type Described, DescriptionList } from '../../components/description-list.tsx';
import { Panel } from '../../components/panel.tsx';

export interface Side {
  readonly label: string;
  readonly amount: string;
  readonly asset: string;
  /** By what it comes or goes: `Cash`, `ACH`, `Polygon`. */
  readonly network: string;
  readonly facts: readonly Described[];
}

interface Fees {
  readonly total: string;
  readonly developer: string;
  readonly oms: string;
  readonly gas: string;
}

interface PaymentSidesProps {
  readonly title: string;
  readonly from: Side;
  readonly to: Side;
  readonly fees: Fees | undefined;
  readonly rate: ReactNode;
  /** Amounts may still change. */
  readonly isEstimate: boolean;
}

/** Where the money comes from, what is kept of it on the way, and where it goes. */
export function PaymentSides({ title, from, to, fees, rate, isEstimate }: PaymentSidesProps) {
  return (
    <Panel title={title} note={isEstimate ? 'Estimates until the cash is counted' : undefined} isFlush>
      <div className="grid lg:grid-cols-[minmax(0,1fr)_minmax(0,15rem)_minmax(0,1fr)]">
        <SideView side={from} />
        <div className="relative grid content-center gap-1 border-line bg-paper px-4 py-3 max-lg:border-y lg:border-x">
          <span
            aria-hidden="true"
            className="absolute inline-flex size-6 items-center justify-center rounded-full border border-line-strong bg-surface text-muted max-lg:-top-3 max-lg:right-4 lg:top-5 lg:-left-3"
          >
            <ArrowRight size={12} className="max-lg:hidden" />
            <ArrowDown size={12} className="lg:hidden" />
          </span>
          <FeeLines fees={fees} asset={from.asset} rate={rate} />
        </div>
        <SideView side={to} />
      </div>
    </Panel>
  );
}

const SideView = ({ side: { label, amount, asset, network, facts } }: { readonly side: Side }) => (
  <div className="min-w-0 px-4 py-4">
    <h3 className="text-xs font-normal text-muted">
      {label} · {network}
    </h3>
    <p className="mt-1">
      <Amount amount={amount} asset={asset} size="lg" />
    </p>
    <div className="mt-3">
      <DescriptionList items={facts} />
    </div>
  </div>
);

function FeeLines({
  fees,
  asset,
  rate,
}: Pick<PaymentSidesProps, 'fees' | 'rate'> & { readonly asset: string }) {
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['OMS fee', fees?.oms],
    ['Developer fee', fees?.developer],
    ['Gas', fees?.gas],
  ];
  const charged = lines.filter(([, amount]) => amount !== undefined && !isZero(amount));
  return (
    <dl className="grid gap-1 text-sm lg:pl-2">
      {charged.map(([label, amount = '0']) => (
        <FeeLine key={label} label={label}>
          <span className="mr-1 text-muted">−</span>
          <Amount amount={amount} asset={asset} />
        </FeeLine>
      ))}
      {charged.length === 0 && <FeeLine label="Fees">none</FeeLine>}
      {charged.length > 1 && fees && (
        <FeeLine label="Fees in all">
          <span className="mr-1 text-muted">−</span>
          <Amount amount={fees.total} asset={asset} />
        </FeeLine>
      )}
      {rate !== undefined && <FeeLine label="Rate">{rate}</FeeLine>}
    </dl>
  );
}

const FeeLine = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <div className="flex items-baseline justify-between gap-3">
    <dt className="text-xs text-muted">{label}</dt>
    <dd className="figures text-right text-sm">{children}</dd>
  </div>
);
