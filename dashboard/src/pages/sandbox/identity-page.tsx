import type { Customer } from '@openoms/contract/customers.ts';
import type { QueryClient } from '@tanstack/react-query';
import { projectPages, projectQuery, usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Checkbox } from '../../components/choice.tsx';
import { ChoiceList } from '../../components/choice-list.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Split } from '../../components/split.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { type UrlState, useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { endorsementName } from '../customers/endorsement-words.ts';
import { SandboxOnly } from './sandbox-only.tsx';
import { nameOf, Verdict } from './verdict.tsx';

const ALL = { query: {} } as const;

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>, search: UrlState) {
  void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /customers', ALL));
  const { customer: customerId } = search;
  if (customerId)
    void client.prefetchQuery(
      projectQuery(projectId, 'GET /customers/:customerId', { params: { customerId } }),
    );
}

export function Page() {
  const { id: projectId } = useProject();
  const [{ customer: customerId, all }] = useUrlState();
  return (
    <>
      <PageHeader
        title="Identity"
        note="The desk of the reviewer: who waits for a verdict, and the hand that gives it."
      />
      <SandboxOnly>
        <Split
          list={<Reviewed chosen={customerId} showsAll={all === '1'} />}
          back={
            customerId === undefined
              ? undefined
              : { to: paths.identity(projectId), label: 'All who are reviewed' }
          }
        >
          {customerId === undefined ? (
            <Panel>
              <EmptyState title="Choose a customer">
                What was asked of the reviewer is pending until it is granted, rejected, or more is asked for.
                With the pace <code className="font-mono text-xs">manual</code> nothing is decided but here.
              </EmptyState>
            </Panel>
          ) : (
            <Verdict key={customerId} customerId={customerId} />
          )}
        </Split>
      </SandboxOnly>
    </>
  );
}

const pendingOf = ({ endorsements }: Customer) => endorsements.filter(({ status }) => status === 'PENDING');

function Reviewed({ chosen, showsAll }: { readonly chosen: string | undefined; readonly showsAll: boolean }) {
  const { id: projectId } = useProject();
  const query = usePages('GET /customers', ALL);
  const [, setState] = useUrlState();
  const all = query.data?.pages.flatMap(({ data }) => data);
  const shown = all?.filter((customer) => showsAll || pendingOf(customer).length > 0);
  const pathOf = (id: string): string =>
    `${paths.identity(projectId)}?customer=${encodeURIComponent(id)}${showsAll ? '&all=1' : ''}`;
  return (
    <Panel
      title={showsAll ? 'Customers' : 'Under review'}
      note={shown && <span className="figures">{shown.length}</span>}
      isFlush
    >
      <div className="border-b border-line px-4 py-1">
        <Checkbox
          label="Show those who are decided, too"
          checked={showsAll}
          onValue={(isOn) => setState({ all: isOn ? '1' : undefined })}
        />
      </div>
      <ChoiceList query={query} rows={shown} chosen={chosen} pathOf={pathOf} more="Look among more customers">
        {(row) => <ReviewedCustomer customer={row} />}
      </ChoiceList>
      {shown?.length === 0 && <NobodyWaits hasCustomers={(all?.length ?? 0) > 0} />}
    </Panel>
  );
}

function ReviewedCustomer({ customer }: { readonly customer: Customer }) {
  const pending = pendingOf(customer);
  return (
    <span className="grid gap-1">
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{nameOf(customer)}</span>
        <span className="shrink-0 text-xs text-muted">
          <Time at={customer.updatedAt} />
        </span>
      </span>
      <span className="flex flex-wrap gap-1">
        {pending.length > 0
          ? pending.map(({ type }) => (
              <Badge key={type} tone="pending">
                {endorsementName(type)}
              </Badge>
            ))
          : customer.endorsements.map(({ type, status }) => (
              <Badge key={type} tone={status === 'ACTIVE' ? 'done' : 'failed'}>
                {endorsementName(type)}
              </Badge>
            ))}
      </span>
    </span>
  );
}

const NobodyWaits = ({ hasCustomers }: { readonly hasCustomers: boolean }) => (
  <EmptyState
    title="Nobody waits for a verdict"
    action={
      <Curl
        route="POST /customers"
        input={{ body: { firstName: 'Noor', lastName: 'Undecided', endorsements: ['basic', 'usd'] } }}
      />
    }
  >
    {hasCustomers && 'All are decided. '}A customer with the last name{' '}
    <code className="font-mono text-xs">Undecided</code> waits until you decide.
  </EmptyState>
);
