import type { LoggedRequestDetail } from '@openoms/contract/console/requests.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Json } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';
import { formatDuration } from '../payments/timeline-details.tsx';
import { Actor } from './actor.tsx';
import { HttpStatus } from './http-status.tsx';

const inputOf = (requestId: string) => ({ params: { requestId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) => client.prefetchQuery(projectQuery(projectId, 'GET /requests/:requestId', inputOf(id)));

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useProjectRead('GET /requests/:requestId', inputOf(id));
  if (!data)
    return (
      <>
        <PageHeader title="Request" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />}
      </>
    );
  return (
    <>
      <PageHeader
        title={`${data.method} ${data.path}`}
        heading={
          <span className="font-mono text-lg break-all">
            <span className="text-muted">{data.method}</span> {data.path}
          </span>
        }
        status={<HttpStatus status={data.status} />}
        note={<Id id={data.id} isWhole />}
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid min-w-0 gap-5">
          {hasFields(data.query) && <Body title="Query" value={data.query} />}
          {data.method !== 'GET' && <Body title="Request body" value={data.requestBody} />}
          <Body title="Response body" value={data.responseBody} />
        </div>
        <Details request={data} />
      </div>
    </>
  );
}

const hasFields = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

const Body = ({ title, value }: { readonly title: string; readonly value: unknown }) => (
  <Panel
    title={title}
    note={value === null ? undefined : 'Masked where it would tell of a person, or a secret'}
  >
    {value === null ? (
      <p className="text-sm text-muted">There was none, or it was too large to be kept.</p>
    ) : (
      <Json label={title} value={value} isTall />
    )}
  </Panel>
);

function Details({ request }: { readonly request: LoggedRequestDetail }) {
  const { id: projectId } = useProject();
  const { idempotencyKey, operation, resourceIds } = request;
  const filtered = (name: string, value: string): string =>
    `${paths.requests(projectId)}?${name}=${encodeURIComponent(value)}`;
  return (
    <div className="grid min-w-0 gap-5">
      <Panel title="Details">
        <DescriptionList
          items={[
            [
              'Operation',
              operation === null ? (
                'None of this path'
              ) : (
                <Link key="operation" to={filtered('operation', operation)}>
                  <span className="font-mono text-xs">{operation}</span>
                </Link>
              ),
            ],
            [
              'Error',
              request.errorCode === null ? undefined : (
                <span key="error" className="font-mono text-xs text-failed">
                  {request.errorCode}
                </span>
              ),
            ],
            ['By', <Actor key="actor" actor={request.actor} />],
            [
              'Took',
              <span key="took" className="figures">
                {formatDuration(request.durationMs)}
              </span>,
            ],
            ['Time', <Time key="at" at={request.createdAt} show="exact" />],
            [
              'Idempotency key',
              idempotencyKey === null ? undefined : (
                <span key="key" className="inline-flex max-w-full items-center gap-0.5">
                  <Link to={filtered('idempotencyKey', idempotencyKey)}>
                    <span className="font-mono text-xs break-all">{idempotencyKey}</span>
                  </Link>
                  <CopyButton text={idempotencyKey} label="Copy key" />
                </span>
              ),
            ],
            [
              'Repeated',
              request.isReplay ? <Badge key="replay">The stored answer was given</Badge> : undefined,
            ],
          ]}
        />
      </Panel>
      {resourceIds.length > 0 && (
        <Panel title="About">
          <ul className="grid gap-1.5 text-sm">
            {resourceIds.map((id) => (
              <li key={id}>
                <ResourceLink id={id} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}
