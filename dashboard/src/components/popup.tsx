import {
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { cx } from './class-names.ts';
import { place } from './placement.ts';

interface PopupProps {
  /** The button that opens it; the browser ties them. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly role: 'menu' | 'dialog';
  readonly label?: string;
  readonly align?: 'start' | 'end';
  readonly className: string;
  /** Gets what closes it. Drawn while it is open. */
  readonly children: (close: () => void) => ReactNode;
  /** What has the focus first. */
  readonly focused: string;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
}

/**
 * The browser's own popover: in the top layer, closed by Escape and by a click elsewhere, with the focus given back to the
 * button.
 */
export function Popup({
  trigger,
  role,
  label,
  align = 'start',
  className,
  children,
  focused,
  onKeyDown,
}: PopupProps) {
  const id = useId();
  const popup = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = (): void => popup.current?.hidePopover();
  useEffect(() => {
    const { current } = popup;
    const anchor = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`);
    if (!isOpen || !current || !anchor) return;
    const put = (): void => place(current, anchor, { align });
    put();
    current.querySelector<HTMLElement>(focused)?.focus();
    const observer = new ResizeObserver(put);
    observer.observe(current);
    window.addEventListener('scroll', put, { passive: true, capture: true });
    window.addEventListener('resize', put);
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', put, { capture: true });
      window.removeEventListener('resize', put);
    };
  }, [isOpen, id, align, focused]);
  return (
    <>
      {cloneElement(trigger, {
        popoverTarget: id,
        'aria-haspopup': role,
        'aria-expanded': isOpen,
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== 'ArrowDown' || role !== 'menu') return;
          event.preventDefault();
          popup.current?.showPopover();
        },
      })}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its role is a property */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is a property */}
      <div
        ref={popup}
        id={id}
        popover="auto"
        role={role}
        aria-label={label}
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={onKeyDown}
        className={cx(
          'inset-auto rounded-lg border border-line-strong bg-raised p-1 text-left font-normal text-ink shadow-lift',
          className,
        )}
      >
        {isOpen && children(close)}
      </div>
    </>
  );
}
