import { X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { TextField } from './field.tsx';
import { Modal } from './modal.tsx';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
  readonly width?: 'narrow' | 'wide';
}

/** What one came for, rather than the button that closes. */
const FIRST = '[data-content] :is(input:not([readonly], [hidden]), select, textarea, button)';

/** A question before the page. On a small screen a sheet from the bottom. */
export function Dialog({ isOpen, onClose, title, note, children, width = 'narrow' }: DialogProps) {
  const titleId = useId();
  return (
    <Modal
      isOpen={isOpen}
      onClose={onClose}
      labelledBy={titleId}
      focused={FIRST}
      className={cx(
        'm-0 flex max-w-none flex-col overflow-hidden border-line-strong bg-raised text-ink shadow-lift backdrop:bg-shade',
        'transition-[opacity,translate] duration-150 starting:translate-y-2 starting:opacity-0',
        'max-sm:inset-x-0 max-sm:top-auto max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:w-full max-sm:rounded-t-xl max-sm:border-t',
        'sm:top-[12vh] sm:left-1/2 sm:max-h-[80vh] sm:w-full sm:-translate-x-1/2 sm:rounded-lg sm:border',
        width === 'wide' ? 'sm:max-w-2xl' : 'sm:max-w-md',
      )}
    >
      <header className="flex items-start gap-4 px-5 pt-4">
        <div className="min-w-0 flex-1">
          <h2 id={titleId} className="text-lg">
            {title}
          </h2>
          {note !== undefined && <div className="mt-0.5 text-sm text-muted">{note}</div>}
        </div>
        <button
          type="button"
          aria-label="Close"
          onClick={onClose}
          className="-mr-2 inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink"
        >
          <X size={16} aria-hidden />
        </button>
      </header>
      <div data-content="" className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">
        {children}
      </div>
    </Modal>
  );
}

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
            look={isDangerous ? 'destructive' : 'primary'}
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
