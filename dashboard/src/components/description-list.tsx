import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

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
    // What is a pixel lower than its frame hides the line below the last row, of one column or of two.
    <div className="@container flow-root overflow-clip">
      <dl className={`-mb-px grid ${columns === 2 ? 'gap-x-10 lg:grid-cols-2' : ''}`}>
        {shown.map(([term, value]) => (
          <div
            key={term}
            className={cx(
              'grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-3 border-b border-line py-1.5',
              columns === 2
                ? '@sm:grid-cols-[7.5rem_minmax(0,1fr)] @4xl:grid-cols-[10rem_minmax(0,1fr)]'
                : '@sm:grid-cols-[10rem_minmax(0,1fr)] @sm:gap-x-4',
            )}
          >
            <dt className="text-sm text-muted">{term}</dt>
            <dd className="min-w-0 text-sm break-words">{value ?? <span className="text-muted">–</span>}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
