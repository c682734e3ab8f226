import type { Transaction } from '@openoms/contract/transactions.ts';
import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { ChoiceList } from '../../components/choice-list.tsx';
import { cx } from '../../components/class-names.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Split } from '../../components/split.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { PayoutDesk } from './payout-desk.tsx';

export const PAYOUTS = {
  underWay: { query: { type: 'cryptoToFiat', status: 'processing' } },
  pickups: { query: { type: 'cryptoToFiat', status: 'cashPickupReady' } },
  settled: { query: { type: 'cryptoToFiat', status: 'completed' } },
} as const;
type View = keyof typeof PAYOUTS;

const VIEWS: Readonly<Record<View, { readonly label: string; readonly none: string }>> = {
  underWay: { label: 'Under way', none: 'No payout is under way' },
  pickups: { label: 'Cash to collect', none: 'No cash waits to be collected' },
  settled: { label: 'Settled', none: 'No payout has settled yet' },
};

const viewOf = (text: string | undefined): View =>
  text !== undefined && Object.hasOwn(PAYOUTS, text) ? (text as View) : 'underWay';

/** Payouts, and what their bank may do with them. */
export function BankPayouts() {
  const { id: projectId } = useProject();
  const [{ payout, view }] = useUrlState();
  const shown = viewOf(view);
  const base = `${paths.bank(projectId)}?view=${shown}`;
  return (
    <Split
      list={<PayoutList view={shown} chosen={payout} />}
      back={payout === undefined ? undefined : { to: base, label: 'All payouts' }}
    >
      {payout === undefined ? (
        <Panel>
          <EmptyState title="Choose a payout">
            Banks settle payouts, send them back, even weeks after they settled, or correct the account they
            were for. With the pace <code className="font-mono text-xs">auto</code> they settle within
            seconds.
          </EmptyState>
        </Panel>
      ) : (
        <PayoutDesk key={payout} transactionId={payout} />
      )}
    </Split>
  );
}

function PayoutList({ view, chosen }: { readonly view: View; readonly chosen: string | undefined }) {
  const { id: projectId } = useProject();
  const query = usePages('GET /transactions', PAYOUTS[view]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  const pathOf = (id: string): string =>
    `${paths.bank(projectId)}?view=${view}&payout=${encodeURIComponent(id)}`;
  return (
    <Panel isFlush>
      <nav aria-label="Payouts" className="flex gap-1 border-b border-line p-2">
        {(Object.keys(VIEWS) as View[]).map((name) => (
          <Link
            key={name}
            to={`${paths.bank(projectId)}?view=${name}`}
            look="plain"
            aria-current={name === view ? 'page' : undefined}
            className={cx(
              'inline-flex h-7 items-center rounded-md px-2 text-xs',
              name === view ? 'bg-hover font-medium text-ink' : 'text-muted hover:text-ink',
            )}
          >
            {VIEWS[name].label}
          </Link>
        ))}
      </nav>
      <ChoiceList query={query} rows={rows} chosen={chosen} pathOf={pathOf}>
        {(row) => <PayoutRow payout={row} />}
      </ChoiceList>
      {rows?.length === 0 && (
        <EmptyState
          title={VIEWS[view].none}
          action={
            view === 'underWay' ? (
              <Curl route="PATCH /settings" input={{ body: { pace: 'manual' } }} />
            ) : undefined
          }
        >
          {view === 'underWay'
            ? 'At once, banks settle by themselves. With the pace manual they wait for you.'
            : undefined}
        </EmptyState>
      )}
    </Panel>
  );
}

/** What comes of it: the name of the account's owner, or where cash is collected. */
const payeeOf = ({ destination, cashPickup }: Transaction): string =>
  destination.owner?.name ?? cashPickup?.location.name ?? destination.network;

const PayoutRow = ({ payout }: { readonly payout: Transaction }) => (
  <span className="grid gap-0.5">
    <span className="flex items-baseline justify-between gap-3">
      <span className="truncate font-medium">{payeeOf(payout)}</span>
      <Amount amount={payout.destination.amountNet} asset={payout.destination.asset} />
    </span>
    <span className="flex items-center justify-between gap-3 text-xs text-muted">
      <span>
        <span className="font-mono uppercase">{payout.destination.network}</span> ·{' '}
        <Time at={payout.createdAt} />
      </span>
      <Status status={payout.status} />
    </span>
  </span>
);
