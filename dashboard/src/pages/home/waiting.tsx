import type { Overview } from '@openoms/contract/console/project.ts';
import { useProject } from '../../api/session.ts';
import { cx } from '../../components/class-names.ts';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';

/** What is under way, and what somebody has to look at. */
export function Waiting({ overview: { pending } }: { readonly overview: Overview }) {
  const { id } = useProject();
  const items = [
    { label: 'Cash-ins waiting', count: pending.cashIns, to: paths.cashIns(id) },
    {
      label: 'Transactions under way',
      count: pending.transactions,
      to: `${paths.transactions(id)}?status=processing`,
    },
    { label: 'Deliveries waiting', count: pending.deliveries, to: paths.webhooks(id) },
    { label: 'Deliveries given up', count: pending.deadDeliveries, to: paths.webhooks(id), isBad: true },
    { label: 'Open breaks', count: pending.openBreaks, to: paths.reconciliation(id), isBad: true },
  ];
  return (
    <ul
      aria-label="Waiting"
      className="grid grid-cols-2 overflow-clip rounded-lg border border-line bg-line gap-px sm:grid-cols-3 lg:grid-cols-5"
    >
      {items.map(({ label, count, to, isBad }) => (
        <li key={label} className="bg-surface last:max-lg:col-span-full">
          <Link
            to={to}
            look="plain"
            className="flex items-baseline justify-between gap-3 px-4 py-3 hover:bg-hover"
          >
            <span className="text-sm text-soft">{label}</span>
            <span
              className={cx(
                'figures text-base font-medium',
                count === 0 ? 'text-muted' : isBad ? 'text-failed' : 'text-ink',
              )}
            >
              {count.toLocaleString('en')}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
