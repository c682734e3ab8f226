import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { Link } from './link.tsx';
import { Problem } from './problem.tsx';
import { Skeleton } from './skeleton.tsx';

interface ChoiceListProps<Row> {
  /** Of `usePages`. */
  readonly query: UseInfiniteQueryResult<unknown, Error>;
  /** What of it is shown; undefined until it is there. */
  readonly rows: readonly Row[] | undefined;
  readonly chosen: string | undefined;
  readonly pathOf: (id: string) => string;
  readonly children: (row: Row) => ReactNode;
  readonly more?: string;
}

/** The list of a `Split`: the address holds which row is chosen. */
export function ChoiceList<Row extends { readonly id: string }>(props: ChoiceListProps<Row>) {
  const { query, rows, chosen, pathOf, children, more = 'Show more' } = props;
  return (
    <>
      {rows ? (
        <ul className="divide-y divide-line">
          {rows.map((row) => (
            <li key={row.id}>
              <ChoiceLink to={pathOf(row.id)} isCurrent={row.id === chosen}>
                {children(row)}
              </ChoiceLink>
            </li>
          ))}
        </ul>
      ) : (
        <div className="p-4">
          {query.error ? (
            <Problem error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <Skeleton lines={6} />
          )}
        </div>
      )}
      {query.hasNextPage && (
        <div className="p-3">
          <Button size="sm" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {more}
          </Button>
        </div>
      )}
    </>
  );
}

interface ChoiceLinkProps {
  readonly to: string;
  readonly isCurrent: boolean;
  readonly children: ReactNode;
}

const ChoiceLink = ({ to, isCurrent, children }: ChoiceLinkProps) => (
  <Link
    to={to}
    look="plain"
    data-row-link=""
    aria-current={isCurrent ? 'true' : undefined}
    className={cx(
      'block min-w-0 border-l-2 px-4 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2',
      isCurrent ? 'border-accent bg-accent-soft/60' : 'border-transparent',
    )}
  >
    {children}
  </Link>
);
