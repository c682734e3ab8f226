import type { ReactNode } from 'react';

/** Term and value; a value of `undefined` leaves its row out, null shows a dash. */
export type Described = readonly [term: string, value: ReactNode];

interface DescriptionListProps {
  readonly items: readonly Described[];
  /** Beside each other where there is room. */
  readonly columns?: 1 | 2;
}

export function DescriptionList({ items, columns = 1 }: DescriptionListProps) {
  const shown = items.filter(([, value]) => value !== undefined);
  return (
    <dl className={columns === 2 ? 'grid gap-x-10 lg:grid-cols-2' : 'grid'}>
      {shown.map(([term, value]) => (
        <div
          key={term}
          className="grid grid-cols-[minmax(6.5rem,10rem)_minmax(0,1fr)] items-baseline gap-x-4 border-b border-line py-1.5 last:border-b-0"
        >
          <dt className="text-sm text-muted">{term}</dt>
          <dd className="min-w-0 text-sm break-words">{value ?? <span className="text-muted">–</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
