import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { ReactNode } from 'react';
import { useProjectRead } from '../../api/queries.ts';
import { formatDecimal } from '../../components/decimal.ts';
import { ResourceLink } from '../../components/id.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { wordsOf } from '../../components/status.tsx';
import { formatAbsolute } from '../../components/time.tsx';
import { CustomerName } from '../payments/customer-name.tsx';
import { CausedEvents } from './caused-events.tsx';
import type { Sale } from './till-sale.ts';

const MAX_EVENTS = 20;

interface TillReceiptProps {
  readonly cashIn: CashIn;
  readonly sale: Sale;
}

/** The slip of the cash-in: made of what the API knows of it, so that its address shows it again. */
export function TillReceipt({ cashIn, sale }: TillReceiptProps) {
  const events = useProjectRead('GET /events', { query: { resource: cashIn.id, limit: MAX_EVENTS } });
  const ofPayment = useProjectRead(
    'GET /events',
    { query: { resource: cashIn.transactionId ?? '', limit: MAX_EVENTS } },
    { enabled: cashIn.transactionId !== null },
  );
  const happened = [...(events.data?.data ?? []), ...(ofPayment.data?.data ?? [])].toSorted((a, b) =>
    a.createdAt === b.createdAt ? a.sequence - b.sequence : a.createdAt < b.createdAt ? -1 : 1,
  );
  return (
    <section aria-label="Receipt" className="grid min-w-0 gap-5">
      <div className="torn rounded-t-md border border-b-0 border-line bg-surface px-5 pt-5 pb-8 font-mono text-xs">
        <p className="text-center text-sm font-medium">{cashIn.location.name}</p>
        <p className="text-center text-muted">{cashIn.location.address}</p>
        <Rule />
        <Line label="Cash-in">
          <ResourceLink id={cashIn.id} />
        </Line>
        <Line label="Customer">
          <CustomerName id={cashIn.customerId} />
        </Line>
        {cashIn.depositInstructions && <Line label="Code">{cashIn.depositInstructions.code}</Line>}
        <Line label="Status">{wordsOf(cashIn.status)}</Line>
        {cashIn.error && <Line label="Reason">{cashIn.error.message}</Line>}
        <Rule />
        <Sums cashIn={cashIn} />
        {sale.authorized && <Authorization sale={sale} />}
        {cashIn.transactionId !== null && (
          <>
            <Rule />
            <Line label="Transaction">
              <ResourceLink id={cashIn.transactionId} />
            </Line>
            {cashIn.destination.wallet.id !== undefined && (
              <Line label="To wallet">
                <ResourceLink id={cashIn.destination.wallet.id} />
              </Line>
            )}
          </>
        )}
        {cashIn.completedAt !== null && (
          <p className="pt-3 text-center text-muted">{formatAbsolute(cashIn.completedAt)}</p>
        )}
      </div>
      <div className="px-1">
        <h2 className="label pb-1">What happened</h2>
        {events.data ? <CausedEvents label="Events" events={happened} none="Nothing yet." /> : <Skeleton />}
      </div>
    </section>
  );
}

function Sums({ cashIn: { source, destination, status } }: { readonly cashIn: CashIn }) {
  const isTaken = source.amount !== undefined;
  const fee = source.feesDeducted?.total;
  const received = destination.amountNet ?? destination.amountGross;
  return (
    <>
      <Line label="Asked">{formatDecimal(source.indicatedAmount)} USD</Line>
      {isTaken && source.amount !== undefined && (
        <Line label="Cash taken" isStrong>
          {formatDecimal(source.amount)} USD
        </Line>
      )}
      {fee !== undefined && <Line label="Fees">−{formatDecimal(fee)} USD</Line>}
      {received !== undefined && (
        <Line label={status === 'completed' ? 'Delivered' : 'To deliver'} isStrong={status === 'completed'}>
          {formatDecimal(received)} {destination.asset.toUpperCase()}
        </Line>
      )}
    </>
  );
}

function Authorization({ sale: { authorized, step } }: { readonly sale: Sale }) {
  if (!authorized) return null;
  const { reply, amount } = authorized;
  const isDeclined = step === 'declined';
  return (
    <>
      <Rule />
      <Line label={isDeclined ? 'Declined' : 'Authorized'} isStrong>
        {formatDecimal(isDeclined ? amount : reply.authorizedAmount)} USD
      </Line>
      <Line label="Response">
        {reply.responseCode} {reply.responseText}
      </Line>
      <Line label="Confirmation">
        <ResourceLink id={reply.confirmationId} />
      </Line>
      {!isDeclined && <Line label="Account">{reply.accountNumber}</Line>}
    </>
  );
}

const Rule = () => <div aria-hidden="true" className="my-3 border-t border-dashed border-line-strong" />;

const Line = ({
  label,
  children,
  isStrong = false,
}: {
  readonly label: string;
  readonly children: ReactNode;
  readonly isStrong?: boolean;
}) => (
  <div className="flex min-h-7 items-center justify-between gap-4">
    <span className="shrink-0 text-muted">{label}</span>
    <span className={`figures min-w-0 text-right break-words ${isStrong ? 'text-sm font-semibold' : ''}`}>
      {children}
    </span>
  </div>
);
