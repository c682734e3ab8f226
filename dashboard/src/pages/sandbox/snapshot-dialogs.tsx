import { useProjectWrite } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { SameCall } from '../../components/same-call.tsx';

export interface SnapshotQuestion {
  readonly kind: 'restore' | 'delete';
  readonly name: string;
}

interface SnapshotDialogProps {
  readonly question: SnapshotQuestion;
  readonly onClose: () => void;
}

export const SnapshotDialog = ({ question: { kind, name }, onClose }: SnapshotDialogProps) =>
  kind === 'restore' ? <Restore name={name} onClose={onClose} /> : <Delete name={name} onClose={onClose} />;

interface AboutOne {
  readonly name: string;
  readonly onClose: () => void;
}

function Restore({ name, onClose }: AboutOne) {
  const project = useProject();
  const restore = useProjectWrite('POST /sandbox/snapshots/:name/restore', {
    showsProblem: true,
    done: `The world is as it was at ${name}`,
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Restore ${name}`}
      action="Restore"
      onConfirm={() => restore.mutate({ params: { name } })}
      isBusy={restore.isPending}
      error={restore.error}
    >
      <div className="grid gap-3">
        <p>
          The world of {project.name} becomes what it was. What came since is gone: customers, payments,
          events and their numbers, balances and the time. What a receiver of webhooks keeps is to be put back
          as well.
        </p>
        <SameCall route="POST /sandbox/snapshots/:name/restore" input={{ params: { name } }} />
      </div>
    </ConfirmDialog>
  );
}

function Delete({ name, onClose }: AboutOne) {
  const remove = useProjectWrite('DELETE /sandbox/snapshots/:name', {
    showsProblem: true,
    done: 'The snapshot is deleted',
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Delete ${name}`}
      action="Delete"
      onConfirm={() => remove.mutate({ params: { name } })}
      isBusy={remove.isPending}
      error={remove.error}
    >
      It cannot be put back any more. The world stays as it is.
    </ConfirmDialog>
  );
}
