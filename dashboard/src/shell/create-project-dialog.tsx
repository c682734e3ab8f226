import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { usePeopleWrite } from '../api/queries.ts';
import { sessionQuery } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { RadioGroup } from '../components/choice.tsx';
import { Actions, Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FormProblem } from '../components/form-problem.tsx';
import { paths } from '../paths.ts';

interface CreateProjectDialogProps {
  readonly initial: { readonly name: string; readonly mode: 'sandbox' | 'live' };
  readonly onClose: () => void;
}

export function CreateProjectDialog({ initial, onClose }: CreateProjectDialogProps) {
  const [name, setName] = useState(initial.name);
  const [mode, setMode] = useState(initial.mode);
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = usePeopleWrite('POST /projects', {
    showsProblem: true,
    done: 'The project is created',
    onDone: async (project) => {
      await client.refetchQueries(sessionQuery);
      onClose();
      await navigate({ to: paths.home(project.id) });
    },
  });
  const { fields = {} } = create.error ?? {};
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Create a project"
      note="Keys, customers and money of one project are never seen by another."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ body: { name, mode } });
        }}
      >
        <TextField
          label="Name"
          name="name"
          value={name}
          onValue={setName}
          error={fields.name}
          required
          maxLength={100}
        />
        <RadioGroup
          label="Mode"
          name="mode"
          value={mode}
          onValue={setMode}
          options={[
            {
              value: 'sandbox',
              label: 'Sandbox',
              hint: 'Simulated banks, tills and reviewers. No real money.',
            },
            { value: 'live', label: 'Live', hint: 'Settles with the providers of this instance.' },
          ]}
        />
        <FormProblem error={create.error} shown={['name']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending}>
            Create project
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
