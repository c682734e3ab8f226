import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Id, shortened } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { ListedCustomer } from './customer-name.tsx';

interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly hasMore: boolean;
}

const COLUMNS: readonly Column<CashIn>[] = [
  {
    id: 'amount',
    label: 'Cash',
    width: '6.5rem',
    align: 'end',
    cell: ({ source: { amount, indicatedAmount, asset } }) => (
      <span className={amount === undefined ? 'text-muted' : ''}>
        <Amount amount={amount ?? indicatedAmount} asset={asset} />
        {amount === undefined && <span className="sr-only"> announced</span>}
      </span>
    ),
  },
  {
    id: 'status',
    label: 'Status',
    width: '7rem',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'code',
    label: 'Code',
    width: '7.5rem',
    cell: ({ depositInstructions }) =>
      depositInstructions ? (
        <span className="font-mono text-xs">{depositInstructions.code}</span>
      ) : (
        <span className="text-muted">–</span>
      ),
  },
  { id: 'location', label: 'Place', width: 'minmax(8rem,1.2fr)', cell: ({ location }) => location.name },
  {
    id: 'customer',
    label: 'Customer',
    width: 'minmax(7rem,1fr)',
    cell: ({ customerId }) => <ListedCustomer id={customerId} />,
  },
  { id: 'id', label: 'Id', width: '6.75rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Created',
    width: '5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

interface CashInsTableProps {
  readonly query: UseInfiniteQueryResult<InfiniteData<PageOf<CashIn>>, Error>;
  readonly empty: ReactNode;
  /** Where all are of one customer. */
  readonly isOfCustomer?: boolean;
}

export function CashInsTable({ query, empty, isOfCustomer = false }: CashInsTableProps) {
  const { id: projectId } = useProject();
  return (
    <PagedTable
      label="Cash-ins"
      query={query}
      columns={isOfCustomer ? COLUMNS.filter(({ id }) => id !== 'customer') : COLUMNS}
      keyOf={({ id }) => id}
      pathOf={({ id }) => paths.cashIn(projectId, id)}
      nameOf={({ id }) => `Cash-in ${shortened(id)}`}
      empty={empty}
    />
  );
}
