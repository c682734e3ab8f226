import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
  readonly width?: 'narrow' | 'wide';
}

/** A question before the page. On a small screen a sheet from the bottom. */
export function Dialog({ isOpen, onClose, title, note, children, width = 'narrow' }: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={isOpen} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-shade transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          initialFocus={() => firstControlOf(content.current)}
          className={`fixed z-40 flex flex-col border-line-strong bg-raised shadow-lift transition-[opacity,translate] duration-150 data-ending-style:translate-y-2 data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0 max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:rounded-t-xl max-sm:border-t sm:top-[12vh] sm:left-1/2 sm:max-h-[80vh] sm:w-full sm:-translate-x-1/2 sm:rounded-lg sm:border ${width === 'wide' ? 'sm:max-w-2xl' : 'sm:max-w-md'}`}
        >
          <header className="flex items-start gap-4 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-lg font-[550]">{title}</Base.Title>
              {note !== undefined && (
                <Base.Description render={<div />} className="mt-0.5 text-sm text-muted">
                  {note}
                </Base.Description>
              )}
            </div>
            <Base.Close
              aria-label="Close"
              className="-mr-2 inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
            >
              <X size={16} aria-hidden />
            </Base.Close>
          </header>
          <div ref={content} className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">
            {children}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** What one came for, rather than the button that closes. */
const firstControlOf = (content: HTMLElement | null): HTMLElement | true =>
  content?.querySelector<HTMLElement>('input:not([readonly]), select, textarea') ??
  content?.querySelector<HTMLElement>('button') ??
  true;

/** The row of buttons at the end of a dialog or form; the main one last. */
export const Actions = ({ children }: { readonly children: ReactNode }) => (
  <div className="flex flex-wrap justify-end gap-2 pt-4 max-sm:*:flex-1">{children}</div>
);

interface ConfirmDialogProps extends Omit<DialogProps, 'children' | 'width'> {
  /** What happens then. */
  readonly children: ReactNode;
  /** On the button, the verb: “Revoke key”. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly isBusy: boolean;
  readonly error?: unknown;
  /** Has to be typed first: for what cannot be undone and hurts. */
  readonly typed?: string;
  readonly isDangerous?: boolean;
}

export function ConfirmDialog({
  children,
  action,
  onConfirm,
  isBusy,
  error,
  typed,
  isDangerous = true,
  onClose,
  ...dialog
}: ConfirmDialogProps) {
  const [text, setText] = useState('');
  const close = (): void => {
    setText('');
    onClose();
  };
  return (
    <Dialog {...dialog} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === undefined || text === typed) onConfirm();
        }}
        className="grid gap-4"
      >
        <div className="text-sm text-soft">{children}</div>
        {typed !== undefined && (
          <TextField
            label={
              <>
                Type <span className="font-mono">{typed}</span> to confirm
              </>
            }
            value={text}
            onValue={setText}
            isMono
          />
        )}
        {error != null && <Banner tone="failed" isAlert title={problemOf(error).message} />}
        <Actions>
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            look={isDangerous ? 'danger' : 'primary'}
            isBusy={isBusy}
            unavailable={typed !== undefined && text !== typed ? `Type ${typed} first` : undefined}
          >
            {action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
