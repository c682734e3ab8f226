import { type ReactNode, useId } from 'react';
import { cx } from './class-names.ts';

interface PanelProps {
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without the inner margin: for tables and lists that go to the edge. */
  readonly isFlush?: boolean;
}

/** A region with a thin border, named by its title. */
export function Panel({ title, note, actions, children, isFlush = false }: PanelProps) {
  const titleId = useId();
  return (
    <section
      {...(title !== undefined && { 'aria-labelledby': titleId })}
      className="min-w-0 overflow-clip rounded-lg border border-line bg-surface"
    >
      {(title !== undefined || actions !== undefined) && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
          <h2 id={titleId} className="text-sm">
            {title}
          </h2>
          {note !== undefined && (
            <div
              className={cx(
                'text-xs text-muted',
                // Beside actions a sentence has no room on a small screen; a count or a badge has.
                actions !== undefined &&
                  typeof note === 'string' &&
                  'max-sm:order-1 max-sm:basis-full max-sm:pb-1',
              )}
            >
              {note}
            </div>
          )}
          {actions !== undefined && <div className="ml-auto flex items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={isFlush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}
