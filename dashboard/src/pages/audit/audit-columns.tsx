import type { AuditEntry } from '@openoms/contract/audit-entries.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ResourceLink, shortened } from '../../components/id.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { MemberName } from '../organization/member-name.tsx';

/** `apiKey:sk_…`, `user:usr_…`, `system`. */
function Actor({ actor }: { readonly actor: string }) {
  const [kind = '', id] = actor.split(':');
  if (id === undefined) return <span className="text-muted">{kind === 'system' ? 'The server' : kind}</span>;
  if (id.includes('@')) return <span className="truncate">{id}</span>;
  return kind === 'user' ? <MemberName id={id} /> : <ResourceLink id={id} />;
}

const detailsOf = (details: object): string =>
  Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ');

export const AUDIT_COLUMNS: readonly Column<AuditEntry>[] = [
  {
    id: 'action',
    label: 'Action',
    width: 'minmax(0,1.5fr)',
    cell: ({ action }) => <span className="font-mono text-xs">{action}</span>,
  },
  { id: 'actor', label: 'By', width: 'minmax(0,1fr)', cell: ({ actor }) => <Actor actor={actor} /> },
  {
    id: 'resource',
    label: 'What',
    width: 'minmax(0,1fr)',
    cell: ({ resourceId }) => <ResourceLink id={resourceId} />,
  },
  {
    id: 'details',
    label: 'Details',
    width: 'minmax(0,1.6fr)',
    cell: ({ details }) => {
      const text = detailsOf(details);
      return text === '' ? <span className="text-muted">–</span> : <Details text={text} details={details} />;
    },
  },
  {
    id: 'request',
    label: 'Request',
    width: '112px',
    isMinor: true,
    cell: ({ requestId }) =>
      requestId === null ? <span className="text-muted">–</span> : <ResourceLink id={requestId} />,
  },
  {
    id: 'hash',
    label: 'Hash',
    width: '64px',
    isMinor: true,
    cell: ({ hash, position }) => (
      <Tooltip
        text={
          <span className="break-all">
            Entry {position.toLocaleString('en')} of the chain, {hash}
          </span>
        }
      >
        <button type="button" className="rounded-sm font-mono text-xs text-muted">
          {shortened(hash).slice(-7)}
        </button>
      </Tooltip>
    ),
  },
  { id: 'at', label: 'When', width: '80px', align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function Details({ text, details }: { readonly text: string; readonly details: object }) {
  return (
    <details className="min-w-0">
      <summary className="truncate rounded-sm text-xs text-soft">{text}</summary>
      <div className="py-2">
        <CodeBlock label="Details" language="json" code={JSON.stringify(details, null, 2)} />
      </div>
    </details>
  );
}
