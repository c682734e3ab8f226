import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { Select } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { formatAbsolute } from '../../components/time.tsx';

const OVERLAPS = [
  { value: '86400', label: 'A day' },
  { value: '3600', label: 'An hour' },
  { value: '604800', label: 'A week' },
  { value: '0', label: 'Not at all: the old one has leaked' },
] as const;

interface RotateDialogProps {
  readonly webhookId: string;
  readonly onClose: () => void;
}

export function RotateDialog({ webhookId, onClose }: RotateDialogProps) {
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('86400');
  const rotate = useProjectWrite('POST /webhooks/:webhookId/rotate-secret', { showsProblem: true });
  if (rotate.data) {
    const { secret, previousSecretValidUntil: until } = rotate.data;
    return (
      <Dialog isOpen onClose={onClose} title="The secret is rotated">
        <SecretOnce
          label="New signing secret"
          secret={secret}
          note={
            until === null
              ? 'The one before ended at once. Nobody can show this one again.'
              : `Deliveries are signed with both until ${formatAbsolute(until)}. Nobody can show this one again.`
          }
        />
        <Actions>
          <Button look="primary" onClick={onClose}>
            I have kept it
          </Button>
        </Actions>
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Rotate the signing secret"
      note="Both secrets sign for a while, so that your endpoint can change over without missing a delivery."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          rotate.mutate({ params: { webhookId }, body: { overlapSeconds: Number(overlap) } });
        }}
      >
        <Select label="The old one signs for" options={OVERLAPS} value={overlap} onValue={setOverlap} />
        <FormProblem error={rotate.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={rotate.isPending}>
            Rotate secret
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
