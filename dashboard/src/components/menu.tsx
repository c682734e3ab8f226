import { createContext, type KeyboardEvent, type ReactElement, type ReactNode, use } from 'react';
import { cx } from './class-names.ts';
import { Popup } from './popup.tsx';

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly label: string;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
}

const Close = createContext<() => void>(() => undefined);

const ITEM = '[role="menuitem"]';

/** Arrows, Home and End walk; a letter goes to the next item that begins with it; Tab leaves. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(ITEM)];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = ((): number | undefined => {
    if (event.key === 'ArrowDown') return (at + 1) % items.length;
    if (event.key === 'ArrowUp') return (at - 1 + items.length) % items.length;
    if (event.key === 'Home') return 0;
    if (event.key === 'End') return items.length - 1;
    if (event.key.length !== 1 || event.key === ' ') return undefined;
    const letter = event.key.toLowerCase();
    const order = items.map((_, step) => (at + 1 + step) % items.length);
    return order.find((index) => items[index]?.textContent.trim().toLowerCase().startsWith(letter));
  })();
  if (event.key === 'Tab') event.currentTarget.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items[next]?.focus();
}

export function Menu({ trigger, label, children, align = 'end' }: MenuProps) {
  return (
    <Popup
      trigger={trigger}
      role="menu"
      label={label}
      align={align}
      focused={ITEM}
      onKeyDown={walk}
      className="max-h-[70vh] max-w-[min(22rem,calc(100vw-1rem))] min-w-52 overflow-y-auto"
    >
      {(close) => <Close value={close}>{children}</Close>}
    </Popup>
  );
}

interface MenuItemProps {
  readonly children: ReactNode;
  readonly onSelect: () => void;
  readonly icon?: ReactNode;
  readonly isDangerous?: boolean;
  readonly isCurrent?: boolean;
  /** Why it cannot be chosen; it can be read all the same. */
  readonly unavailable?: string | undefined;
}

export function MenuItem({ children, onSelect, icon, isDangerous, isCurrent, unavailable }: MenuItemProps) {
  const close = use(Close);
  const isOff = unavailable !== undefined;
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={isOff || undefined}
      aria-current={isCurrent || undefined}
      onClick={() => {
        if (isOff) return;
        close();
        onSelect();
      }}
      onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
      className={cx(
        'flex min-h-8 w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left text-sm outline-none select-none focus:bg-hover focus-visible:outline-2 focus-visible:-outline-offset-2',
        isOff ? 'text-muted' : isDangerous ? 'text-failed' : 'text-ink',
      )}
    >
      {icon}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{children}</span>
        {isOff && <span className="block text-xs">{unavailable}</span>}
      </span>
      {isCurrent && <span aria-hidden="true" className="size-1.5 rounded-full bg-accent" />}
    </button>
  );
}

export const MenuGroup = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  // biome-ignore lint/a11y/useSemanticElements: a menu holds groups, not fieldsets
  <div role="group" aria-label={label}>
    <p aria-hidden="true" className="label px-2.5 pt-2 pb-1">
      {label}
    </p>
    {children}
  </div>
);

export const MenuSeparator = () => <hr className="my-1 border-t border-line" />;
