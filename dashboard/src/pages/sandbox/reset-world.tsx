import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';

type SeedChoice = 'same' | 'new' | 'none';

/** Empties the world; what is made then follows from a seed, if it has one. */
export function ResetWorld() {
  const may = useMay('simulate');
  const [choice, setChoice] = useState<SeedChoice>('same');
  const [seed, setSeed] = useState('');
  const [startsAt, setStartsAt] = useState('');
  const [isAsking, setAsking] = useState(false);
  const body = {
    ...(choice === 'new' && { seed: seed.trim() }),
    ...(choice === 'none' && { seed: null }),
    ...(startsAt !== '' && { startsAt: new Date(`${startsAt}Z`).toISOString() }),
  };
  const unavailable = choice === 'new' && seed.trim() === '' ? 'Say the seed first.' : undefined;
  return (
    <Panel title="Empty the world">
      <div className="grid gap-4">
        <p className="text-sm text-soft">
          Everything is gone but the project, its API keys, its audit log and its snapshots; the treasury is
          filled anew.
        </p>
        <Select
          label="Ids, codes and addresses"
          value={choice}
          onValue={setChoice}
          options={[
            { value: 'same', label: 'As before: from its seed, if it has one' },
            { value: 'new', label: 'From a seed' },
            { value: 'none', label: 'At random' },
          ]}
        />
        {choice === 'new' && (
          <TextField
            label="Seed"
            isMono
            placeholder="checkout"
            hint="The same seed and the same requests: the same ids."
            maxLength={64}
            value={seed}
            onValue={setSeed}
          />
        )}
        <TextField
          label="The clock stands at, in UTC"
          type="datetime-local"
          hint="Empty: real time, or the start of 2026 with a seed."
          value={startsAt}
          onValue={setStartsAt}
        />
        <div className="grid gap-2">
          <Button look="danger" may={may} unavailable={unavailable} onClick={() => setAsking(true)}>
            Empty the world…
          </Button>
          <SameCall route="POST /sandbox/reset" input={{ body }} />
        </div>
        {isAsking && <Ask body={body} onClose={() => setAsking(false)} />}
      </div>
    </Panel>
  );
}

interface AskProps {
  readonly body: { readonly seed?: string | null; readonly startsAt?: string };
  readonly onClose: () => void;
}

function Ask({ body, onClose }: AskProps) {
  const project = useProject();
  const reset = useProjectWrite('POST /sandbox/reset', {
    showsProblem: true,
    done: 'The world is empty',
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title="Empty the world"
      action="Empty it"
      typed={project.name}
      onConfirm={() => reset.mutate({ body })}
      isBusy={reset.isPending}
      error={reset.error}
    >
      Customers, payments, webhooks, settings and idempotency keys of {project.name} are gone, for good unless
      a snapshot has them.
    </ConfirmDialog>
  );
}
