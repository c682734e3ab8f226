import type { Transaction } from '@openoms/contract/transactions.ts';
import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { shortened } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { kindOf } from '../payments/words.ts';

const SHOWN = 5;

const COLUMNS: readonly Column<Transaction>[] = [
  {
    id: 'amount',
    label: 'Amount',
    width: '9rem',
    align: 'end',
    hasUnits: true,
    cell: ({ source }) => <Amount amount={source.amountGross} asset={source.asset} />,
  },
  {
    id: 'status',
    label: 'Status',
    width: 'minmax(9rem,1fr)',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  { id: 'kind', label: 'Type', width: '8rem', cell: kindOf },
  {
    id: 'created',
    label: 'Created',
    width: '5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** The last payments of a customer, and the way to all of them. */
export function CustomerPayments({ customerId }: { readonly customerId: string }) {
  const { id: projectId } = useProject();
  const { data, error, refetch } = useProjectRead('GET /customers/:customerId/transactions', {
    params: { customerId },
    query: { limit: SHOWN },
  });
  return (
    <Panel
      title="Last transactions"
      actions={
        <span className="text-xs">
          <Link to={`${paths.customer(projectId, customerId)}?tab=transactions`}>All of them</Link>
        </span>
      }
      isFlush
    >
      <Table
        label="Last transactions"
        rows={data?.data}
        error={error}
        onRetry={() => void refetch()}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        pathOf={({ id }) => paths.transaction(projectId, id)}
        nameOf={({ id }) => `Transaction ${shortened(id)}`}
        empty={
          <EmptyState title="No transactions yet">
            Payments in which the customer sends or receives are listed here.
          </EmptyState>
        }
      />
    </Panel>
  );
}
