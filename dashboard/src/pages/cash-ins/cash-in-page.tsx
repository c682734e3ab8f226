import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Json } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { CustomerName } from '../payments/customer-name.tsx';
import { Explanation } from '../payments/explanation.tsx';
import { OnChain } from '../payments/on-chain.tsx';
import { PaymentSides } from '../payments/payment-sides.tsx';
import { PaymentTimeline } from '../payments/payment-timeline.tsx';
import { RequestsLink } from '../payments/requests-link.tsx';
import { networkName } from '../payments/words.ts';
import { rateOf } from '../transactions/transaction-sides.tsx';

const inputOf = (cashInId: string) => ({ params: { cashInId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) =>
  Promise.all([
    client.prefetchQuery(projectQuery(projectId, 'GET /cash-ins/:cashInId', inputOf(id))),
    client.prefetchQuery(projectQuery(projectId, 'GET /cash-ins/:cashInId/timeline', inputOf(id))),
  ]);

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useProjectRead('GET /cash-ins/:cashInId', inputOf(id));
  const timeline = useProjectRead('GET /cash-ins/:cashInId/timeline', inputOf(id));
  if (!data)
    return (
      <>
        <PageHeader title="Cash-in" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />}
      </>
    );
  const explanation = timeline.data?.explanation;
  const isFailure = data.status === 'failed' || data.status === 'expired';
  return (
    <>
      <PageHeader
        title={`Cash-in ${data.source.amount ?? data.source.indicatedAmount} ${data.source.asset.toUpperCase()}`}
        status={<Status status={data.status} />}
        note={<Id id={data.id} isWhole />}
        actions={<RequestsLink resourceId={data.id} />}
      />
      {explanation && (
        <Explanation
          explanation={explanation}
          isFailure={isFailure}
          codes={codesOf(data)}
          {...((data.status === 'pending' || data.status === 'expired') && {
            action: <NextStep cashIn={data} />,
          })}
        />
      )}
      <div className="grid gap-5">
        <CashInSides cashIn={data} />
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
          <PaymentTimeline
            timeline={timeline.data}
            error={timeline.error}
            onRetry={() => void timeline.refetch()}
          />
          <div className="grid gap-5">
            <Details cashIn={data} />
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

/** Of what ended it; the error and the stage are often of one name. */
function codesOf({ status, error, subStatus }: CashIn): string[] {
  if (status !== 'failed' && status !== 'expired') return [];
  return [...new Set([error?.code, subStatus].filter((code) => code !== undefined))];
}

const LINK_BUTTON =
  'inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover';

/** What helps a cash-in on: the till while its code is good, a new code when it is not. */
function NextStep({ cashIn }: { readonly cashIn: CashIn }) {
  const project = useProject();
  const may = useMay('operate');
  const refresh = useProjectWrite('POST /cash-ins/:cashInId/refresh', { done: 'A new code was issued.' });
  return (
    <>
      {cashIn.status === 'pending' && project.mode === 'sandbox' && cashIn.depositInstructions && (
        <Link
          to={`${paths.till(project.id)}?cashIn=${encodeURIComponent(cashIn.id)}`}
          look="plain"
          className={LINK_BUTTON}
        >
          Pay at the till
        </Link>
      )}
      <Button may={may} isBusy={refresh.isPending} onClick={() => refresh.mutate(inputOf(cashIn.id))}>
        Issue a new code
      </Button>
    </>
  );
}

function CashInSides({ cashIn }: { readonly cashIn: CashIn }) {
  const { source, destination, rates, location, transactionId, status } = cashIn;
  const { wallet } = destination;
  const cash = source.amount ?? source.indicatedAmount;
  return (
    <PaymentSides
      title="Amounts"
      isEstimate={source.amount === undefined}
      from={{
        label: source.amount === undefined ? 'Announced' : 'Handed over',
        amount: cash,
        asset: source.asset,
        network: networkName(source.network),
        facts: [
          ['Place', location.name],
          ['Address', location.address],
        ],
      }}
      to={{
        label: source.amount === undefined ? 'Would arrive' : 'Arrives',
        amount: destination.amountNet ?? destination.amountGross ?? '0.00',
        asset: destination.asset,
        network: networkName(destination.network),
        facts: [
          ['Wallet', wallet.id && <ResourceLink id={wallet.id} />],
          [
            'Address',
            wallet.blockchainAddress && <OnChain kind="address" value={wallet.blockchainAddress} />,
          ],
          ['External account', wallet.externalAccount && <Id id={wallet.externalAccount} />],
          [
            'Transaction',
            transactionId === null ? (
              status === 'pending' ? (
                'Once the cash is paid'
              ) : (
                'None: no cash was paid'
              )
            ) : (
              <ResourceLink key="transaction" id={transactionId} />
            ),
          ],
        ],
      }}
      fees={source.feesDeducted}
      rate={rates && rateOf(rates, source.asset, destination.asset)}
    />
  );
}

function Details({ cashIn }: { readonly cashIn: CashIn }) {
  const { depositInstructions: instructions, status } = cashIn;
  const isGood = status === 'pending';
  return (
    <Panel title="Details">
      <DescriptionList
        items={[
          ['Customer', <CustomerName key="customer" id={cashIn.customerId} />],
          [
            'Code',
            instructions && (
              <span className="inline-flex items-center gap-0.5 font-mono text-sm">
                {instructions.code}
                <CopyButton text={instructions.code} label="Copy code" />
              </span>
            ),
          ],
          [
            isGood ? 'Good until' : 'Was good until',
            instructions && <Time at={instructions.expiresAt} show="absolute" />,
          ],
          ['Stage', cashIn.subStatus && <span className="font-mono text-xs">{cashIn.subStatus}</span>],
          ['Location', <Id key="location" id={cashIn.cash.locationId} />],
          ['Error', cashIn.error && <span className="font-mono text-xs">{cashIn.error.code}</span>],
          ['Message', cashIn.error?.message],
          ['Created', <Time key="created" at={cashIn.createdAt} show="absolute" />],
          ['Changed', <Time key="changed" at={cashIn.updatedAt} show="absolute" />],
          [
            'Completed',
            cashIn.completedAt === null ? undefined : (
              <Time key="completed" at={cashIn.completedAt} show="absolute" />
            ),
          ],
        ]}
      />
    </Panel>
  );
}
