import type { SandboxSnapshot } from '@openoms/contract/sandbox-world.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Badge } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { formatAbsolute } from '../../components/time.tsx';
import { ResetWorld } from './reset-world.tsx';
import { SandboxOnly } from './sandbox-only.tsx';
import { SnapshotDialog, type SnapshotQuestion } from './snapshot-dialogs.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchQuery(projectQuery(projectId, 'GET /sandbox/snapshots', {}));
}

export const Page = () => (
  <>
    <PageHeader
      title="Snapshots"
      note="The whole world of the project under a name, to be put back as it was: customers, payments, balances on the chain, and the clock."
    />
    <SandboxOnly>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
        <Snapshots />
        <div className="grid gap-6">
          <Take />
          <ResetWorld />
        </div>
      </div>
    </SandboxOnly>
  </>
);

function Snapshots() {
  const may = useMay('simulate');
  const snapshots = useProjectRead('GET /sandbox/snapshots', {});
  const [question, setQuestion] = useState<SnapshotQuestion>();
  const count = snapshots.data?.data.length;
  return (
    <Panel title="Taken" note={count !== undefined && <span className="figures">{count} of 50</span>} isFlush>
      <Table
        label="Snapshots"
        rows={snapshots.data?.data}
        error={snapshots.error}
        onRetry={() => void snapshots.refetch()}
        keyOf={({ name }) => name}
        empty={
          <EmptyState
            title="None is taken yet"
            action={<Curl route="POST /sandbox/snapshots" input={{ body: { name: 'before-payout' } }} />}
          >
            Take one before something that cannot be undone, and put it back as often as you like.
          </EmptyState>
        }
        columns={[
          {
            id: 'name',
            label: 'Name',
            width: 'minmax(0,1fr)',
            cell: ({ name }) => <span className="font-mono text-xs font-medium break-all">{name}</span>,
          },
          {
            id: 'rows',
            label: 'Rows',
            width: '4rem',
            align: 'end',
            cell: ({ rows }) => <span className="figures">{rows.toLocaleString('en')}</span>,
          },
          {
            id: 'at',
            label: 'Taken, in real time',
            width: '10.75rem',
            cell: ({ createdAt }) => <span className="figures">{formatAbsolute(createdAt)}</span>,
          },
          {
            id: 'actions',
            label: 'Actions',
            width: '10.5rem',
            align: 'end',
            cell: (snapshot: SandboxSnapshot) => (
              <span className="inline-flex flex-wrap items-center gap-2">
                {!snapshot.isRestorable && <Badge tone="pending">Older server</Badge>}
                <Button
                  size="sm"
                  may={may}
                  unavailable={
                    snapshot.isRestorable
                      ? undefined
                      : 'The server was upgraded since; it can only be deleted.'
                  }
                  onClick={() => setQuestion({ kind: 'restore', name: snapshot.name })}
                >
                  Restore<span className="sr-only"> {snapshot.name}</span>
                </Button>
                <Button
                  size="sm"
                  look="danger"
                  may={may}
                  onClick={() => setQuestion({ kind: 'delete', name: snapshot.name })}
                >
                  Delete<span className="sr-only"> {snapshot.name}</span>
                </Button>
              </span>
            ),
          },
        ]}
      />
      {question && <SnapshotDialog question={question} onClose={() => setQuestion(undefined)} />}
    </Panel>
  );
}

function Take() {
  const may = useMay('simulate');
  const [name, setName] = useState('');
  const take = useProjectWrite('POST /sandbox/snapshots', {
    showsProblem: true,
    done: 'The snapshot is taken',
    onDone: () => setName(''),
  });
  const unavailable = name.trim() === '' ? 'Give it a name first.' : undefined;
  const input = { body: { name: name.trim() } };
  return (
    <Panel title="Take a snapshot">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && unavailable === undefined) take.mutate(input);
        }}
      >
        <TextField
          label="Name"
          isMono
          placeholder="before-payout"
          hint="Letters, digits, dots, hyphens and underscores."
          maxLength={64}
          value={name}
          onValue={setName}
          error={take.error?.fields.name}
        />
        <FormProblem error={take.error} shown={['name']} />
        {take.isPending && (
          <p role="status" className="text-xs text-muted">
            It waits until no payment is under way on the chain.
          </p>
        )}
        <div className="grid gap-2">
          <Button type="submit" look="primary" may={may} unavailable={unavailable} isBusy={take.isPending}>
            Take it
          </Button>
          <SameCall route="POST /sandbox/snapshots" input={input} />
        </div>
      </form>
    </Panel>
  );
}
