import type { ReconciliationBreak } from '@openoms/contract/reconciliation.ts';
import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status, wordsOf } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { durationOf } from '../sandbox/durations.ts';

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Status',
    options: [
      { value: 'open', label: 'Open' },
      { value: 'closed', label: 'Closed' },
    ],
  },
] as const;

const CAUSES: Readonly<Record<ReconciliationBreak['cause'], string>> = {
  in_flight: 'Open deposits or sends of the address are the difference. It closes by itself.',
  unbooked_transfer: 'It holds more than the books say, and nothing is open: a transfer was not booked.',
  missing_on_chain: 'It holds less than the books say, and nothing is open: tokens left without us.',
  unknown: 'What is open is not the difference. A person has to look.',
};

/** Addresses that hold something else than the books say, oldest trouble by its age. */
export function Breaks() {
  const { id: projectId } = useProject();
  const [{ break: chosen }] = useUrlState();
  const query = usePages('GET /reconciliation/breaks', { query: useFilters(FILTERS) });
  const shown = query.data?.pages.flatMap(({ data }) => data).find(({ id }) => id === chosen);
  return (
    <div className="grid gap-6">
      {shown && <OneBreak found={shown} />}
      <div>
        <FilterBar filters={FILTERS} />
        <Panel isFlush>
          <PagedTable
            label="Breaks"
            query={query}
            keyOf={({ id }) => id}
            pathOf={({ id }) => `${paths.reconciliation(projectId)}?break=${encodeURIComponent(id)}`}
            empty={
              <EmptyState
                title="Books and chain agree"
                action={<Curl route="GET /reconciliation/breaks" input={{ query: { status: 'open' } }} />}
              >
                A break is an address that holds on chain something else than the ledger says. It stays open
                until a run finds both sides equal.
              </EmptyState>
            }
            columns={[
              {
                id: 'id',
                label: 'Break',
                width: 'minmax(0,1fr)',
                cell: ({ id }) => <span className="font-mono text-xs">{shortened(id)}</span>,
              },
              {
                id: 'subject',
                label: 'Of',
                width: 'minmax(0,1.3fr)',
                cell: ({ subject }) => <Subject subject={subject} />,
              },
              {
                id: 'difference',
                label: 'Chain less ledger',
                width: 'minmax(0,1.2fr)',
                align: 'end',
                cell: ({ difference, asset }) => <Amount amount={difference} asset={asset} isSigned />,
              },
              {
                id: 'cause',
                label: 'Cause',
                width: 'minmax(0,1.3fr)',
                cell: ({ cause }) => <span title={CAUSES[cause]}>{wordsOf(cause)}</span>,
              },
              {
                id: 'status',
                label: 'Status',
                width: '5.5rem',
                cell: ({ status }) => <Status status={status} />,
              },
              {
                id: 'age',
                label: 'Age',
                width: '6rem',
                align: 'end',
                cell: ({ ageSeconds }) => <span className="figures">{durationOf(ageSeconds)}</span>,
              },
            ]}
          />
        </Panel>
      </div>
    </div>
  );
}

const Subject = ({ subject: { type, id } }: Pick<ReconciliationBreak, 'subject'>) =>
  type === 'treasury' ? <span>Treasury, {id}</span> : <ResourceLink id={id} />;

function OneBreak({ found }: { readonly found: ReconciliationBreak }) {
  const { id: projectId } = useProject();
  const { asset } = found;
  return (
    <Panel
      title={<Id id={found.id} isWhole />}
      actions={
        <>
          <Status status={found.status} />
          <Link to={paths.reconciliation(projectId)} className="text-xs">
            Close
          </Link>
        </>
      }
    >
      <p className="pb-3 text-sm">{CAUSES[found.cause]}</p>
      <DescriptionList
        columns={2}
        items={[
          ['Of', <Subject key="s" subject={found.subject} />],
          ['Address', <Id key="a" id={found.address} />],
          ['Ledger', <Amount key="l" amount={found.ledgerBalance} asset={asset} />],
          ['Chain', <Amount key="c" amount={found.chainBalance} asset={asset} />],
          ['Difference', <Amount key="d" amount={found.difference} asset={asset} isSigned />],
          [
            'Block',
            <span key="b" className="figures font-mono text-xs">
              {found.blockNumber}
            </span>,
          ],
          ['First seen', <Time key="f" at={found.firstSeenAt} show="absolute" />],
          ['Last seen', <Time key="t" at={found.lastSeenAt} show="absolute" />],
          [
            'Closed',
            found.closedAt === null ? undefined : <Time key="e" at={found.closedAt} show="absolute" />,
          ],
          [
            'Age',
            <span key="g" className="figures">
              {durationOf(found.ageSeconds)}
            </span>,
          ],
        ]}
      />
    </Panel>
  );
}
