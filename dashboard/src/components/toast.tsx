import { X } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './class-names.ts';

interface Toast {
  readonly id: number;
  readonly title: string;
  readonly tone: 'done' | 'failed';
}

const SHOWN_MS = 5_000;
const MAX_TOASTS = 4;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
const dismiss = (id: number): void => change(toasts.filter((other) => other.id !== id));

/** Says that something was done, or was not. What failed stays until it is sent away. */
export function toast({
  title,
  tone = 'done',
}: {
  readonly title: string;
  readonly tone?: Toast['tone'];
}): void {
  const id = ++lastId;
  change([...toasts, { id, title, tone }].slice(-MAX_TOASTS));
  if (tone === 'done') setTimeout(() => dismiss(id), SHOWN_MS);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Where toasts appear; once, in the root. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  const layer = useRef<HTMLElement>(null);
  // Above whatever is open: what comes last into the top layer is on top.
  useEffect(() => {
    layer.current?.hidePopover();
    if (shown.length > 0) layer.current?.showPopover();
  }, [shown]);
  return (
    <section
      ref={layer}
      popover="manual"
      aria-label="Messages"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 top-auto bottom-4 m-0 w-auto flex-col items-end gap-2 bg-transparent [&:popover-open]:flex"
    >
      {shown.map(({ id, title, tone }) => (
        <div
          key={id}
          className="pointer-events-auto flex w-full max-w-88 items-start gap-3 rounded-lg border border-line-strong bg-raised py-2 pr-2 pl-3 text-sm shadow-lift"
        >
          <span
            aria-hidden="true"
            className={cx('mt-2 size-2 shrink-0 rounded-full', tone === 'done' ? 'bg-done' : 'bg-failed')}
          />
          <p className="min-w-0 flex-1 py-1 break-words">{title}</p>
          <IconButton label="Dismiss" icon={<X size={14} aria-hidden />} onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}
