import { cx } from './class-names.ts';

const WIDTHS = ['w-3/5', 'w-4/5', 'w-2/5', 'w-full', 'w-1/2'];

/** Lines that stand for text on its way; `Loading` says so once to those who do not see them. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div role="status" className="grid gap-3">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are all alike
          key={line}
          className={cx('h-3 animate-pulse rounded-sm bg-hover', WIDTHS[line % WIDTHS.length])}
        />
      ))}
    </div>
  );
}
