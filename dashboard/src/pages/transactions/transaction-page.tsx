import type { Timeline } from '@openoms/contract/console/timeline.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Json } from '../../components/code-block.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { CustomerName } from '../payments/customer-name.tsx';
import { Explanation } from '../payments/explanation.tsx';
import { PaymentTimeline } from '../payments/payment-timeline.tsx';
import { RequestsLink } from '../payments/requests-link.tsx';
import { kindOf } from '../payments/words.ts';
import { Pickup, TransactionOutcome } from './transaction-outcome.tsx';
import { TransactionSides } from './transaction-sides.tsx';

const inputOf = (transactionId: string) => ({ params: { transactionId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) =>
  Promise.all([
    client.prefetchQuery(projectQuery(projectId, 'GET /transactions/:transactionId', inputOf(id))),
    client.prefetchQuery(projectQuery(projectId, 'GET /transactions/:transactionId/timeline', inputOf(id))),
  ]);

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useProjectRead('GET /transactions/:transactionId', inputOf(id));
  const timeline = useProjectRead('GET /transactions/:transactionId/timeline', inputOf(id));
  if (!data)
    return (
      <>
        <PageHeader title="Transaction" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />}
      </>
    );
  const explanation = timeline.data?.explanation;
  return (
    <>
      <PageHeader
        title={`${kindOf(data)} ${data.source.amountGross} ${data.source.asset.toUpperCase()}`}
        status={<Status status={data.status} />}
        note={<Id id={data.id} isWhole />}
        actions={<RequestsLink resourceId={data.id} />}
      />
      {explanation && (
        <Explanation
          explanation={explanation}
          isFailure={data.status === 'failed'}
          codes={codesOf(data, timeline.data)}
        />
      )}
      <div className="grid gap-5">
        <TransactionSides transaction={data} />
        {data.cashPickup && <Pickup pickup={data.cashPickup} isReady={data.status === 'cashPickupReady'} />}
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
          <PaymentTimeline
            timeline={timeline.data}
            error={timeline.error}
            onRetry={() => void timeline.refetch()}
          />
          <div className="grid gap-5">
            <TransactionOutcome transaction={data} />
            <Details transaction={data} />
            {Object.keys(data.metadata).length > 0 && (
              <Panel title="Metadata">
                <Json label="Metadata" value={data.metadata} />
              </Panel>
            )}
          </div>
        </div>
      </div>
    </>
  );
}

/** What machines and banks call what went wrong: the code of the error, and those of messages that failed. */
function codesOf({ error }: Transaction, timeline: Timeline | undefined): string[] {
  const ofRails = (timeline?.entries ?? [])
    .filter(({ outcome }) => outcome === 'failed')
    .flatMap(({ facts }) => facts.filter(({ label }) => label === 'Code').map(({ value }) => value));
  return [...new Set([...(error ? [error.code] : []), ...ofRails])];
}

const linked = (id: string | undefined) => (id === undefined ? undefined : <ResourceLink id={id} />);

function Details({ transaction }: { readonly transaction: Transaction }) {
  const { mode } = useProject();
  const { senderCustomerId, recipientCustomerId, subStatus, sponsorGas } = transaction;
  return (
    <Panel title="Details">
      <DescriptionList
        items={[
          ['From', senderCustomerId && <CustomerName id={senderCustomerId} />],
          [
            'To',
            recipientCustomerId && recipientCustomerId !== senderCustomerId ? (
              <CustomerName key="to" id={recipientCustomerId} />
            ) : undefined,
          ],
          ['Cash-in', linked(transaction.cashInId)],
          ['Virtual account', linked(transaction.virtualAccountId)],
          ['Deposit address', linked(transaction.depositAddressId)],
          ['Quote', transaction.quoteId && <Id id={transaction.quoteId} />],
          ['Stage', subStatus && <span className="font-mono text-xs">{subStatus}</span>],
          ['Gas', sponsorGas === undefined ? undefined : sponsorGas ? 'Sponsored' : 'Paid by the sender'],
          ['Mode', mode === 'sandbox' ? 'Sandbox' : 'Live'],
          ['Created', <Time key="created" at={transaction.createdAt} show="absolute" />],
          ['Changed', <Time key="changed" at={transaction.updatedAt} show="absolute" />],
          ['Completed', transaction.completedAt && <Time at={transaction.completedAt} show="absolute" />],
        ]}
      />
    </Panel>
  );
}
