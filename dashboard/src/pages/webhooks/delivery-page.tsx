import type { WebhookAttempt, WebhookDeliveryWithAttempts } from '@openoms/contract/webhook-deliveries.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';

/** While an attempt is due. */
const PENDING_MS = 1_500;

export const prefetch = (client: QueryClient, { projectId = '', id = '', deliveryId = '' }: Params) =>
  client.prefetchQuery(
    projectQuery(projectId, 'GET /webhooks/:webhookId/deliveries/:deliveryId', {
      params: { webhookId: id, deliveryId },
    }),
  );

interface Params {
  readonly projectId?: string;
  readonly id?: string;
  readonly deliveryId?: string;
}

export function Page() {
  const { id: webhookId = '', deliveryId = '' } = useParams({ strict: false }) as Params;
  const { data, error, refetch } = useProjectRead(
    'GET /webhooks/:webhookId/deliveries/:deliveryId',
    { params: { webhookId, deliveryId } },
    { refetchInterval: PENDING_MS },
  );
  if (error && !data)
    return (
      <>
        <PageHeader title="Delivery" />
        <Problem error={error} onRetry={() => void refetch()} />
      </>
    );
  if (!data)
    return (
      <>
        <PageHeader title="Delivery" />
        <Skeleton lines={6} />
      </>
    );
  return <Loaded delivery={data} />;
}

function Loaded({ delivery }: { readonly delivery: WebhookDeliveryWithAttempts }) {
  const { id: deliveryId, webhookId, attemptLog, status, nextAttemptAt } = delivery;
  const may = useMay('develop');
  const retry = useProjectWrite('POST /webhooks/:webhookId/deliveries/:deliveryId/retry', {
    done: 'It is sent again',
  });
  return (
    <>
      <PageHeader
        title={`Delivery of ${delivery.event}`}
        heading={<span className="font-mono text-base break-all">{delivery.event}</span>}
        status={<Status status={status} />}
        note={<Id id={deliveryId} isWhole />}
        actions={
          <Button
            icon={<RotateCw size={14} aria-hidden />}
            may={may}
            isBusy={retry.isPending}
            onClick={() => retry.mutate({ params: { webhookId, deliveryId } })}
          >
            Retry now
          </Button>
        }
      />
      <div className="grid gap-5">
        {status === 'failed' && (
          <Banner tone="failed" title="Every attempt failed">
            It is not tried again by itself. Once the endpoint is well, retry it here, or replay what was
            missed.
          </Banner>
        )}
        <Panel title="Delivery">
          <DescriptionList
            columns={2}
            items={[
              ['Event', <ResourceLink key="event" id={delivery.eventId} />],
              ['Endpoint', <ResourceLink key="webhook" id={webhookId} />],
              ['Created', <Time key="created" at={delivery.createdAt} show="absolute" />],
              ['Next attempt', nextAttemptAt === null ? null : <Time key="next" at={nextAttemptAt} />],
            ]}
          />
        </Panel>
        <section aria-label="Attempts" className="grid gap-3">
          <h2 className="text-base">Attempts</h2>
          {attemptLog.length === 0 && (
            <Panel isFlush>
              <EmptyState title="Not tried yet">The first attempt is due.</EmptyState>
            </Panel>
          )}
          {attemptLog.toReversed().map((attempt, index) => (
            <Attempt key={attempt.attempt} attempt={attempt} isOpen={index === 0} />
          ))}
        </section>
      </div>
    </>
  );
}

const isTaken = ({ response }: WebhookAttempt): boolean =>
  response !== null && response.statusCode >= 200 && response.statusCode < 300;

function Attempt({ attempt, isOpen }: { readonly attempt: WebhookAttempt; readonly isOpen: boolean }) {
  const { response, error, request, durationMs, attemptedAt } = attempt;
  return (
    <details open={isOpen} className="group min-w-0 rounded-lg border border-line bg-surface">
      <summary className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 rounded-lg px-4 py-2 text-sm hover:bg-hover">
        <span className="font-medium">Attempt {attempt.attempt}</span>
        <Badge tone={isTaken(attempt) ? 'done' : 'failed'}>
          {response === null ? (error?.code ?? 'no answer') : `${response.statusCode}`}
        </Badge>
        <span className="figures text-xs text-muted">{durationMs.toLocaleString('en')} ms</span>
        <span className="ml-auto text-xs text-muted">
          <Time at={attemptedAt} show="absolute" />
        </span>
      </summary>
      <div className="grid gap-4 border-t border-line p-4 lg:grid-cols-2">
        <div className="grid min-w-0 content-start gap-2">
          <h3 className="text-sm">Request</h3>
          <p className="font-mono text-xs break-all text-soft">POST {request.url}</p>
          <CodeBlock label="Request headers" code={headersOf(request.headers)} />
          <CodeBlock label="Request body" language="json" code={pretty(request.body)} />
        </div>
        <div className="grid min-w-0 content-start gap-2">
          <h3 className="text-sm">Response</h3>
          {error && <Banner tone="failed" title={error.message} />}
          {response && (
            <>
              <p className="font-mono text-xs text-soft">{response.statusCode}</p>
              <CodeBlock label="Response headers" code={headersOf(response.headers)} />
              <CodeBlock label="Response body" language="json" code={pretty(response.body) || '(empty)'} />
            </>
          )}
        </div>
      </div>
    </details>
  );
}

const headersOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n') || '(none)';

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
