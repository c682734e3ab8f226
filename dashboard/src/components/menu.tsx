import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './class-names.ts';

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
}

export function Menu({ trigger, children, align = 'end' }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50">
          <Base.Popup className="max-h-[70vh] min-w-52 overflow-y-auto rounded-lg border border-line-strong bg-raised p-1 text-sm shadow-lift outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface MenuItemProps {
  readonly children: ReactNode;
  readonly onSelect: () => void;
  readonly icon?: ReactNode;
  readonly isDangerous?: boolean;
  readonly isCurrent?: boolean;
  /** Why it cannot be chosen. */
  readonly unavailable?: string | undefined;
}

export function MenuItem({ children, onSelect, icon, isDangerous, isCurrent, unavailable }: MenuItemProps) {
  return (
    <Base.Item
      disabled={unavailable !== undefined}
      onClick={onSelect}
      className={cx(
        'flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 outline-none select-none data-highlighted:bg-hover',
        unavailable !== undefined && 'cursor-not-allowed opacity-60',
        isDangerous ? 'text-failed' : 'text-ink',
      )}
    >
      {icon}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{children}</span>
        {unavailable !== undefined && <span className="block text-xs text-muted">{unavailable}</span>}
      </span>
      {isCurrent && (
        <span aria-hidden="true" className="size-1.5 rounded-full bg-accent">
          <span className="sr-only">current</span>
        </span>
      )}
    </Base.Item>
  );
}

export const MenuGroup = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <Base.Group>
    <Base.GroupLabel className="label px-2.5 pt-2 pb-1">{label}</Base.GroupLabel>
    {children}
  </Base.Group>
);

export const MenuSeparator = () => <Base.Separator className="my-1 h-px bg-line" />;
