import { useBlocker } from '@tanstack/react-router';
import { ConfirmDialog } from '../../components/dialog.tsx';

/** Asks before a page with changes that are not saved is left; the browser asks where it closes the page. */
export function LeaveGuard({ isOn }: { readonly isOn: boolean }) {
  const { proceed, reset, status } = useBlocker({
    shouldBlockFn: ({ current, next }) => isOn && current.pathname !== next.pathname,
    enableBeforeUnload: () => isOn,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      isOpen={status === 'blocked'}
      onClose={() => reset?.()}
      title="Leave without saving?"
      action="Leave"
      onConfirm={() => proceed?.()}
      isBusy={false}
    >
      What you changed here is not saved, and is gone when you leave.
    </ConfirmDialog>
  );
}
