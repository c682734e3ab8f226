import type { LedgerAccount } from '@openoms/contract/console/ledger.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, useProjectRead } from '../../api/queries.ts';
import { Amount } from '../../components/amount.tsx';
import { isZero } from '../../components/decimal.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge, wordsOf } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { AccountEntries } from './account-entries.tsx';
import { BalanceOverTime } from './balance-over-time.tsx';

export function prefetch(client: QueryClient, { projectId = '', id = '' }: Record<string, string>) {
  void client.prefetchQuery(
    projectQuery(projectId, 'GET /ledger/accounts/:accountId', { params: { accountId: id } }),
  );
}

export function Page() {
  const { id: accountId = '' } = useParams({ strict: false }) as { id?: string };
  const {
    data: account,
    error,
    refetch,
  } = useProjectRead('GET /ledger/accounts/:accountId', {
    params: { accountId },
  });
  if (error && !account)
    return (
      <>
        <PageHeader title="Ledger account" />
        <Problem error={error} onRetry={() => void refetch()} />
      </>
    );
  return (
    <>
      <PageHeader
        title={account?.name ?? 'Ledger account'}
        status={account && <Badge>{wordsOf(account.kind)}</Badge>}
        note={<Id id={accountId} isWhole />}
      />
      <div className="grid gap-6">
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,21rem)_minmax(0,1fr)]">
          <Panel title="Balance">{account ? <Balances account={account} /> : <Skeleton lines={8} />}</Panel>
          <BalanceOverTime accountId={accountId} />
        </div>
        <AccountEntries accountId={accountId} />
      </div>
    </>
  );
}

function Balances({ account }: { readonly account: LedgerAccount }) {
  const { asset, balance, pending, normalSide, ownerId, network } = account;
  return (
    <div className="grid gap-4">
      <div>
        <Amount amount={balance} asset={asset} size="lg" />
        <p className="text-xs text-muted">
          Posted, on its {normalSide} side
          {!isZero(pending) && (
            <>
              ; <Amount amount={pending} isSigned /> held
            </>
          )}
        </p>
      </div>
      <DescriptionList
        items={[
          ['Owner', ownerId === null ? undefined : <ResourceLink key="o" id={ownerId} />],
          ['Network', network ?? undefined],
          ['Debits posted', <Amount key="dp" amount={account.debitsPosted} asset={asset} />],
          ['Credits posted', <Amount key="cp" amount={account.creditsPosted} asset={asset} />],
          ['Debits held', <Amount key="dh" amount={account.debitsPending} asset={asset} />],
          ['Credits held', <Amount key="ch" amount={account.creditsPending} asset={asset} />],
          ['Opened', <Time key="t" at={account.createdAt} />],
        ]}
      />
    </div>
  );
}
