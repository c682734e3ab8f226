import type { Transaction } from '@openoms/contract/transactions.ts';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Badge, Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { kindOf, networkName } from './words.ts';

interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly hasMore: boolean;
}

const COLUMNS: readonly Column<Transaction>[] = [
  {
    id: 'amount',
    label: 'Amount',
    width: 'minmax(7rem,1fr)',
    cell: ({ source }) => <Amount amount={source.amountGross} asset={source.asset} />,
  },
  {
    id: 'status',
    label: 'Status',
    width: '9.5rem',
    cell: ({ status, error, return: returned, refund }) => (
      <span className="inline-flex items-center gap-1.5">
        <Status status={status} />
        {returned !== undefined && (
          <Badge tone="failed">
            <span className="font-mono">{returned.code}</span>
          </Badge>
        )}
        {returned === undefined && error !== undefined && refund?.status === 'completed' && (
          <Badge>Refunded</Badge>
        )}
      </span>
    ),
  },
  { id: 'kind', label: 'Type', width: '7rem', cell: kindOf },
  {
    id: 'to',
    label: 'Arrives',
    width: 'minmax(9.5rem,1.2fr)',
    cell: ({ destination }) => (
      <>
        <Amount amount={destination.amountNet} asset={destination.asset} />
        <span className="ml-2 text-xs text-muted">{networkName(destination.network)}</span>
      </>
    ),
  },
  {
    id: 'customer',
    label: 'Customer',
    width: '6.5rem',
    cell: ({ senderCustomerId, customerId }) => {
      const id = senderCustomerId ?? customerId;
      return id === undefined ? null : <ResourceLink id={id} />;
    },
  },
  { id: 'id', label: 'Id', width: '8rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Created',
    width: '5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

interface TransactionsTableProps {
  readonly query: UseInfiniteQueryResult<InfiniteData<PageOf<Transaction>>, Error>;
  readonly empty: ReactNode;
  /** Where all are of one customer. */
  readonly isOfCustomer?: boolean;
  readonly hasKeys?: boolean;
}

export function TransactionsTable({
  query,
  empty,
  isOfCustomer = false,
  hasKeys = true,
}: TransactionsTableProps) {
  const { id: projectId } = useProject();
  return (
    <PagedTable
      label="Transactions"
      query={query}
      columns={isOfCustomer ? COLUMNS.filter(({ id }) => id !== 'customer') : COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => paths.transaction(projectId, id)}
      nameOf={({ id }) => `Transaction ${shortened(id)}`}
      empty={empty}
      hasKeys={hasKeys}
    />
  );
}
