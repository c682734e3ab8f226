import type { WalletTransfer } from '@openoms/contract/console/wallets.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { pageOfId, paths } from '../../paths.ts';
import { CustomerName } from '../payments/customer-name.tsx';
import { OnChain } from '../payments/on-chain.tsx';
import { RequestsLink } from '../payments/requests-link.tsx';
import { networkName } from '../payments/words.ts';
import { WalletHoldings } from './wallet-holdings.tsx';

const inputOf = (walletId: string) => ({ params: { walletId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) =>
  Promise.all([
    client.prefetchQuery(projectQuery(projectId, 'GET /wallets/:walletId', inputOf(id))),
    client.prefetchQuery(projectQuery(projectId, 'GET /wallets/:walletId/holdings', inputOf(id))),
    client.prefetchQuery(projectQuery(projectId, 'GET /wallets/:walletId/transfers', inputOf(id))),
  ]);

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useProjectRead('GET /wallets/:walletId', inputOf(id));
  const transfers = useProjectRead('GET /wallets/:walletId/transfers', inputOf(id));
  if (!data)
    return (
      <>
        <PageHeader title="Wallet" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />}
      </>
    );
  return (
    <>
      <PageHeader
        title={`${data.asset.toUpperCase()} wallet on ${networkName(data.chain)}`}
        status={<Status status={data.status} />}
        note={<OnChain kind="address" value={data.address} isWhole />}
        actions={<RequestsLink resourceId={data.id} />}
      />
      <div className="grid gap-5">
        <WalletHoldings walletId={data.id} transfers={transfers.data?.data ?? []} />
        <Transfers
          wallet={data}
          transfers={transfers.data?.data}
          error={transfers.error}
          onRetry={() => void transfers.refetch()}
        />
        <Details wallet={data} />
      </div>
    </>
  );
}

function Details({ wallet }: { readonly wallet: Wallet }) {
  const { id: projectId } = useProject();
  return (
    <Panel title="Details">
      <DescriptionList
        columns={2}
        items={[
          ['Customer', <CustomerName key="customer" id={wallet.customerId} />],
          ['Id', <Id key="id" id={wallet.id} />],
          ['Keys', wallet.type === 'internal' ? 'Kept by the signer' : 'Kept elsewhere'],
          [
            'Payments',
            <Link key="payments" to={`${paths.transactions(projectId)}?walletId=${wallet.id}`}>
              From and to it
            </Link>,
          ],
          ['Created', <Time key="created" at={wallet.createdAt} show="absolute" />],
          ['Changed', <Time key="changed" at={wallet.updatedAt} show="absolute" />],
        ]}
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<WalletTransfer>[] = [
  {
    id: 'amount',
    label: 'Amount',
    width: '9.5rem',
    align: 'end',
    cell: ({ direction, amount, asset }) => (
      <>
        <span className="sr-only">{direction === 'in' ? 'In' : 'Out'} </span>
        <Amount amount={direction === 'in' ? amount : `-${amount}`} asset={asset} isSigned />
      </>
    ),
  },
  {
    id: 'status',
    label: 'Status',
    width: 'minmax(7rem,1fr)',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'counterpart',
    label: 'From / to',
    width: '9.5rem',
    cell: ({ counterpart }) =>
      counterpart === null ? (
        <span className="text-muted">–</span>
      ) : (
        <OnChain kind="address" value={counterpart} />
      ),
  },
  {
    id: 'hash',
    label: 'On chain',
    width: '9.5rem',
    cell: ({ txHash }) =>
      txHash === null ? <span className="text-muted">not yet</span> : <OnChain kind="tx" value={txHash} />,
  },
  {
    id: 'part',
    label: 'Part of',
    width: '9rem',
    cell: ({ resourceId }) =>
      resourceId === null ? <span className="text-muted">a deposit</span> : <ResourceLink id={resourceId} />,
  },
  {
    id: 'created',
    label: 'Seen',
    width: '6rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} isReal />,
  },
];

interface TransfersProps {
  readonly wallet: Wallet;
  readonly transfers: readonly WalletTransfer[] | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function Transfers({ wallet, transfers, error, onRetry }: TransfersProps) {
  const { id: projectId, mode } = useProject();
  return (
    <Panel title="Transfers on chain" note="The last 100" isFlush>
      <Table
        label="Transfers"
        rows={transfers}
        error={error}
        onRetry={onRetry}
        columns={COLUMNS}
        keyOf={({ id, direction }) => `${id}.${direction}`}
        pathOf={({ resourceId }) => (resourceId === null ? undefined : pageOfId(projectId, resourceId))}
        hasKeys
        empty={
          <EmptyState
            title="Nothing has moved yet"
            {...(mode === 'sandbox' && {
              action: (
                <Curl
                  route="POST /wallets/:walletId/simulate"
                  input={{ params: { walletId: wallet.id }, body: { amount: { value: '100.00' } } }}
                />
              ),
            })}
          >
            Tokens that are sent to {wallet.address} are credited once their block is final.
            {mode === 'sandbox' && ' In a sandbox, the faucet sends some.'}
          </EmptyState>
        }
      />
    </Panel>
  );
}
