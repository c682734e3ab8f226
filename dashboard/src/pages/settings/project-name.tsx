import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { sessionQuery, useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id } from '../../components/id.tsx';
import { Panel } from '../../components/panel.tsx';
import { LeaveGuard } from './leave-guard.tsx';

export function ProjectName() {
  const project = useProject();
  const may = useMay('configure');
  const client = useQueryClient();
  const [draft, setDraft] = useState<string>();
  const rename = useProjectWrite('PATCH /', {
    showsProblem: true,
    done: 'The project is renamed',
    onDone: async () => {
      await client.refetchQueries(sessionQuery);
      setDraft(undefined);
    },
  });
  const name = draft ?? project.name;
  const isChanged = name !== project.name;
  return (
    <Panel title="Project" note={<Id id={project.id} />}>
      <LeaveGuard isOn={isChanged} />
      <form
        className="grid max-w-xl gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && isChanged) rename.mutate({ body: { name } });
        }}
      >
        <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-2">
          <TextField
            label="Name"
            hint={
              project.counterpartId === null
                ? undefined
                : `Its ${project.mode === 'sandbox' ? 'live' : 'sandbox'} counterpart is renamed with it.`
            }
            value={name}
            onValue={setDraft}
            error={rename.error?.fields.name}
            readOnly={!may.allowed}
            maxLength={100}
          />
          <Button
            type="submit"
            className="mt-6"
            may={may}
            unavailable={isChanged ? undefined : 'It has that name.'}
            isBusy={rename.isPending}
          >
            Rename
          </Button>
        </div>
        <FormProblem error={rename.error} shown={['name']} />
      </form>
    </Panel>
  );
}
