import { cx } from './class-names.ts';
import { Link } from './link.tsx';
import { useUrlState } from './url-state.ts';

interface Tab {
  readonly label: string;
  readonly to: string;
  readonly isCurrent: boolean;
  readonly count?: number | string | undefined;
}

/** Views of one thing, each with an address of its own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="mb-4 flex gap-5 overflow-x-auto border-b border-line">
      {tabs.map(({ label: text, to, isCurrent, count }) => (
        <Link
          key={to}
          to={to}
          look="plain"
          aria-current={isCurrent ? 'page' : undefined}
          className={cx(
            '-mb-px flex h-9 shrink-0 items-center gap-2 border-b-2 text-sm focus-visible:-outline-offset-2',
            isCurrent ? 'border-accent font-medium' : 'border-transparent text-muted hover:text-ink',
          )}
        >
          {text}
          {count !== undefined && <span className="figures text-xs text-muted">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** The tab that the address names in `tab`; the first when it names none. */
export function useTab<const Name extends string>(names: readonly [Name, ...Name[]]): Name {
  const [state] = useUrlState();
  return names.find((name) => name === state.tab) ?? names[0];
}
