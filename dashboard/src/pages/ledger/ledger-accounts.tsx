import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { isZero } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { networkName } from '../payments/words.ts';

/** The chart of accounts, as `GET /ledger/totals` names its kinds. */
const KINDS = [
  ['customer_wallet', 'Wallet'],
  ['customer_in_flight', 'In flight'],
  ['deposit_address', 'Deposit address'],
  ['treasury', 'Treasury'],
  ['custody', 'Tokens of customers'],
  ['cash_clearing', 'Cash clearing'],
  ['cash_payable', 'Cash payable'],
  ['bank_clearing', 'Bank clearing'],
  ['bank_unplaced', 'Bank credits of nobody'],
  ['conversion', 'Conversion'],
  ['fees_oms', 'OMS fees'],
  ['fees_developer', 'Developer fees'],
  ['fees_gas', 'Gas fees'],
  ['rounding', 'Rounding'],
  ['capital', 'Capital'],
] as const;

const FILTERS = [
  {
    kind: 'select',
    name: 'kind',
    label: 'Kind',
    options: KINDS.map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'select',
    name: 'asset',
    label: 'Asset',
    options: [
      { value: 'usd', label: 'USD' },
      { value: 'usdc', label: 'USDC' },
    ],
  },
  { kind: 'text', name: 'ownerId', label: 'Owner', placeholder: 'wlt_… or cst_…' },
] as const;

export function LedgerAccounts() {
  const { id: projectId } = useProject();
  const query = usePages('GET /ledger/accounts', { query: useFilters(FILTERS) });
  return (
    <>
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Accounts of the ledger"
          query={query}
          keyOf={({ id }) => id}
          pathOf={({ id }) => paths.ledgerAccount(projectId, id)}
          empty={
            <EmptyState title="No account is like that">
              An account is opened by the first transfer that moves something to or from it.
            </EmptyState>
          }
          columns={[
            { id: 'name', label: 'Account', width: 'minmax(0,2fr)', cell: ({ name }) => name },
            {
              id: 'owner',
              label: 'Owner',
              width: 'minmax(0,1fr)',
              cell: ({ ownerId, network }) =>
                ownerId === null ? (
                  <span className="text-muted">{network === null ? 'Project' : networkName(network)}</span>
                ) : (
                  <ResourceLink id={ownerId} />
                ),
            },
            {
              id: 'side',
              label: 'Side',
              width: '4.5rem',
              isMinor: true,
              cell: ({ normalSide }) => <span className="text-muted">{normalSide}</span>,
            },
            {
              id: 'balance',
              label: 'Balance',
              width: 'minmax(0,1.2fr)',
              align: 'end',
              hasUnits: true,
              cell: ({ balance, asset }) => <Amount amount={balance} asset={asset} />,
            },
            {
              id: 'pending',
              label: 'Held',
              width: 'minmax(0,0.9fr)',
              align: 'end',
              cell: ({ pending }) =>
                isZero(pending) ? (
                  <span className="text-muted">–</span>
                ) : (
                  <Amount amount={pending} isSigned />
                ),
            },
            {
              id: 'at',
              label: 'Opened',
              width: '5rem',
              align: 'end',
              isMinor: true,
              cell: ({ createdAt }) => <Time at={createdAt} />,
            },
          ]}
        />
      </Panel>
    </>
  );
}
