import type { LedgerEntry } from '@openoms/contract/console/ledger.ts';
import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { placesOf } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';

const FILTERS = [{ kind: 'created', label: 'Day' }] as const;

/** A hold stays among the entries when it is over: what became of it is an entry of its own. */
const WORDS = { pending: 'held', posted: 'posted', voided: 'released', single: 'posted' } as const;
const TONES: Readonly<Record<LedgerEntry['state'], 'done' | 'idle'>> = {
  pending: 'idle',
  posted: 'done',
  single: 'done',
  voided: 'idle',
};

export function AccountEntries({ accountId }: { readonly accountId: string }) {
  const { id: projectId } = useProject();
  const query = usePages('GET /ledger/accounts/:accountId/entries', {
    params: { accountId },
    query: useFilters(FILTERS),
  });
  const places = placesOf(
    (query.data?.pages ?? []).flatMap(({ data }) =>
      data.flatMap(({ amount, balanceAfter }) => [amount, balanceAfter]),
    ),
  );
  return (
    <Panel title="Entries" isFlush>
      <div className="px-4 pt-3">
        <FilterBar filters={FILTERS} />
      </div>
      <PagedTable
        label="Entries of the account"
        query={query}
        keyOf={({ id }) => id}
        empty={<EmptyState title="No entry">Each transfer to or from the account is an entry.</EmptyState>}
        columns={[
          {
            id: 'about',
            label: 'About',
            width: 'minmax(0,1fr)',
            cell: ({ resourceId, groupId }) => <ResourceLink id={resourceId ?? groupId} />,
          },
          {
            id: 'counterpart',
            label: 'Other side',
            width: 'minmax(0,1.6fr)',
            cell: ({ counterpart }) => (
              <Link to={paths.ledgerAccount(projectId, counterpart.id)}>{counterpart.name}</Link>
            ),
          },
          {
            id: 'state',
            label: 'State',
            width: '6.5rem',
            cell: ({ state }) => <Status status={WORDS[state]} tone={TONES[state]} />,
          },
          {
            id: 'debit',
            label: 'Debit',
            width: 'minmax(0,0.9fr)',
            align: 'end',
            cell: (entry) => <OnSide entry={entry} side="debit" places={places} />,
          },
          {
            id: 'credit',
            label: 'Credit',
            width: 'minmax(0,0.9fr)',
            align: 'end',
            cell: (entry) => <OnSide entry={entry} side="credit" places={places} />,
          },
          {
            id: 'after',
            label: 'Balance after',
            width: 'minmax(0,1fr)',
            align: 'end',
            cell: ({ balanceAfter }) => <Amount amount={balanceAfter} places={places} />,
          },
          {
            id: 'at',
            label: 'When',
            width: '5rem',
            align: 'end',
            cell: ({ createdAt }) => <Time at={createdAt} />,
          },
        ]}
      />
    </Panel>
  );
}

interface OnSideProps {
  readonly entry: LedgerEntry;
  readonly side: LedgerEntry['side'];
  readonly places: number;
}

const OnSide = ({ entry, side, places }: OnSideProps) =>
  entry.side === side ? (
    <Amount amount={entry.amount} places={places} />
  ) : (
    <span className="text-muted">–</span>
  );
