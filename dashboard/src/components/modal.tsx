import { type ReactNode, useEffect, useRef } from 'react';

interface ModalProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Id of its title; or its label. */
  readonly labelledBy?: string;
  readonly label?: string;
  readonly className: string;
  /** Has the focus first, when it is there. */
  readonly focused?: string;
  readonly children: ReactNode;
}

/**
 * The browser's own dialog: the page behind it is inert, Escape and a click beside it close it, and the focus goes back to
 * where it was.
 */
export function Modal(props: ModalProps) {
  return props.isOpen ? <OpenModal {...props} /> : null;
}

function OpenModal({ onClose, labelledBy, label, className, focused, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const element = dialog.current;
    element?.showModal();
    if (focused !== undefined) element?.querySelector<HTMLElement>(focused)?.focus();
    return () => {
      element?.close();
      before?.focus();
    };
  }, [focused]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key, and the browser's
    <dialog
      ref={dialog}
      aria-labelledby={labelledBy}
      aria-label={label}
      className={className}
      // Closing is the owner's to do: the dialog is there as long as it is drawn.
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && isBeside(event)) onClose();
      }}
    >
      {children}
    </dialog>
  );
}

/** A click on the backdrop has the dialog as its target, and lies outside of it. */
function isBeside({ currentTarget, clientX, clientY }: React.MouseEvent<HTMLElement>): boolean {
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
