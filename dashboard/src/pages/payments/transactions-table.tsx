import type { Transaction } from '@openoms/contract/transactions.ts';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Id, shortened } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Badge, Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { ListedCustomer } from './customer-name.tsx';
import { kindOf, networkName } from './words.ts';

interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly hasMore: boolean;
}

const COLUMNS: readonly Column<Transaction>[] = [
  {
    id: 'amount',
    label: 'Amount',
    width: '8.25rem',
    align: 'end',
    hasUnits: true,
    cell: ({ source }) => <Amount amount={source.amountGross} asset={source.asset} />,
  },
  {
    id: 'status',
    label: 'Status',
    width: '9rem',
    isCorner: true,
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
  {
    id: 'kind',
    label: 'Type',
    width: '9.5rem',
    cell: (transaction) => (
      <>
        {kindOf(transaction)}
        {transaction.destination.network !== 'cash' && (
          <span className="ml-2 text-xs text-muted">{networkName(transaction.destination.network)}</span>
        )}
      </>
    ),
  },
  {
    id: 'to',
    label: 'Arrives',
    width: '7.5rem',
    align: 'end',
    hasUnits: true,
    cell: ({ destination }) => <Amount amount={destination.amountNet} asset={destination.asset} />,
  },
  {
    id: 'customer',
    label: 'Customer',
    width: 'minmax(6.5rem,1fr)',
    cell: ({ senderCustomerId, customerId }) => {
      const id = senderCustomerId ?? customerId;
      return id === undefined ? null : <ListedCustomer id={id} />;
    },
  },
  { id: 'id', label: 'Id', width: '6.75rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Created',
    width: '4.5rem',
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
