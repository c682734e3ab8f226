import type { Overview } from '@openoms/contract/console/project.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';

/** Of the ledger, now; each row leads to its accounts. */
export function Balances({ overview: { balances } }: { readonly overview: Overview }) {
  const { id } = useProject();
  if (balances.length === 0)
    return <EmptyState title="The books are empty">Money that comes in shows here.</EmptyState>;
  return (
    <ul className="units-aligned">
      {balances.map(({ kind, label, asset, amount }) => (
        <li key={`${kind} ${asset}`} className="border-b border-line last:border-b-0">
          <Link
            to={`${paths.ledger(id)}?tab=accounts&kind=${encodeURIComponent(kind)}&asset=${encodeURIComponent(asset)}`}
            look="plain"
            className="flex min-h-10 items-center justify-between gap-4 px-4 py-2 hover:bg-hover focus-visible:-outline-offset-2"
          >
            <span className="min-w-0 truncate text-sm text-soft">{label}</span>
            <Amount amount={amount} asset={asset} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
