import type { SandboxTrouble } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Curl } from '../../components/curl.tsx';
import { formatShare } from '../../components/decimal.ts';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';

const POLL_MS = 2_000;

/** Every rule that was not deleted, with how often it happened. */
export function TroubleRules() {
  const may = useMay('simulate');
  const rules = useProjectRead('GET /sandbox/trouble', {}, { refetchInterval: POLL_MS });
  const [isAsking, setAsking] = useState(false);
  const endAll = useProjectWrite('DELETE /sandbox/trouble', {
    done: 'All trouble is over',
    showsProblem: true,
    onDone: () => setAsking(false),
  });
  const count = rules.data?.data.length;
  return (
    <Panel
      title="Rules"
      note={count !== undefined && <span className="figures">{count}</span>}
      actions={
        <Button
          size="sm"
          look="danger"
          may={may}
          unavailable={count === 0 ? 'There is no trouble.' : undefined}
          onClick={() => setAsking(true)}
        >
          End all
        </Button>
      }
      isFlush
    >
      <Table
        label="Rules of trouble"
        rows={rules.data?.data}
        error={rules.error}
        onRetry={() => void rules.refetch()}
        keyOf={({ id }) => id}
        columns={COLUMNS}
        hasKeys
        empty={
          <EmptyState
            title="All goes well"
            action={
              <Curl
                route="POST /sandbox/trouble"
                input={{ body: { kind: 'webhook.duplicate', share: '0.25' } }}
              />
            }
          >
            Choose a kind below, or make a rule by the call. While one is on, every answer of the API names
            its kind in <code className="font-mono text-xs">OMS-Sandbox-Trouble</code>.
          </EmptyState>
        }
      />
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="End all trouble"
        action="End all"
        onConfirm={() => endAll.mutate({})}
        isBusy={endAll.isPending}
        error={endAll.error}
      >
        Every rule of the project is gone. What they did stays done.
      </ConfirmDialog>
    </Panel>
  );
}

const FIXED = ['object', 'id', 'kind', 'share', 'times', 'seed', 'endsAt', 'isOn', 'happened', 'createdAt'];

/** The parameters of the rule's kind, as they were asked for. */
const parametersOf = (rule: SandboxTrouble): string =>
  Object.entries(rule)
    .filter(([name, value]) => !FIXED.includes(name) && value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const lasts = (kind: SandboxTrouble['kind']): boolean => 'lasts' in TROUBLE_KINDS[kind];

const COLUMNS = [
  {
    id: 'kind',
    label: 'Kind',
    width: 'minmax(0,2.4fr)',
    cell: (rule: SandboxTrouble) => (
      <span className="grid py-1.5">
        <span className="font-mono text-xs font-medium">{rule.kind}</span>
        <span className="truncate text-xs text-muted" title={TROUBLE_KINDS[rule.kind].does}>
          {parametersOf(rule) || TROUBLE_KINDS[rule.kind].does}
        </span>
      </span>
    ),
  },
  {
    id: 'state',
    label: 'State',
    width: '5rem',
    cell: ({ isOn }: SandboxTrouble) =>
      isOn ? <Badge tone="failed">On</Badge> : <Badge tone="idle">Over</Badge>,
  },
  {
    id: 'happened',
    label: 'Happened',
    width: '6.5rem',
    cell: ({ happened, times }: SandboxTrouble) => (
      <span className="figures">
        {happened.toLocaleString('en')}
        {times !== null && <span className="text-muted"> of {times.toLocaleString('en')}</span>}
      </span>
    ),
  },
  {
    id: 'share',
    label: 'Share',
    width: '5.5rem',
    cell: ({ share, kind }: SandboxTrouble) =>
      lasts(kind) ? (
        <span className="text-muted">lasts</span>
      ) : (
        <span className="figures">{formatShare(share)}</span>
      ),
  },
  {
    id: 'seed',
    label: 'Seed',
    width: '8.5rem',
    cell: ({ seed }: SandboxTrouble) => (
      <span className="figures inline-flex items-center gap-0.5 font-mono text-xs">
        {seed} <CopyButton text={String(seed)} label="Copy seed" />
      </span>
    ),
  },
  {
    id: 'ends',
    label: 'Ends',
    width: '6.5rem',
    cell: ({ endsAt }: SandboxTrouble) =>
      endsAt === null ? <span className="text-muted">never</span> : <Time at={endsAt} />,
  },
  {
    id: 'end',
    label: 'End',
    width: '4.5rem',
    align: 'end' as const,
    cell: (rule: SandboxTrouble) => <EndRule rule={rule} />,
  },
];

function EndRule({ rule }: { readonly rule: SandboxTrouble }) {
  const may = useMay('simulate');
  const end = useProjectWrite('DELETE /sandbox/trouble/:troubleId', { done: `${rule.kind} is over` });
  return (
    <Button
      size="sm"
      may={may}
      isBusy={end.isPending}
      onClick={() => end.mutate({ params: { troubleId: rule.id } })}
    >
      End<span className="sr-only"> {rule.kind}</span>
    </Button>
  );
}
