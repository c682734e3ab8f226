import type { Webhook } from '@openoms/contract/webhooks.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Ellipsis, History, KeyRound, Pencil, Power, Send, Trash2 } from 'lucide-react';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { type May, useMay, useProject } from '../../api/session.ts';
import { Banner } from '../../components/banner.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Id } from '../../components/id.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../components/menu.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { Deliveries } from './deliveries.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WebhookStatus } from './webhook-status.tsx';

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>) =>
  client.prefetchQuery(
    projectQuery(params.projectId ?? '', 'GET /webhooks/:webhookId', {
      params: { webhookId: params.id ?? '' },
    }),
  );

export function Page() {
  const { id: webhookId = '' } = useParams({ strict: false }) as { id?: string };
  const { data, error, refetch } = useProjectRead('GET /webhooks/:webhookId', { params: { webhookId } });
  if (error && !data)
    return (
      <>
        <PageHeader title="Webhook" />
        <Problem error={error} onRetry={() => void refetch()} />
      </>
    );
  if (!data)
    return (
      <>
        <PageHeader title="Webhook" />
        <Skeleton lines={6} />
      </>
    );
  return <Loaded webhook={data} />;
}

function Loaded({ webhook }: { readonly webhook: Webhook }) {
  const { id: projectId } = useProject();
  const may = useMay('develop');
  const navigate = useNavigate();
  const [{ dialog }, setState] = useUrlState();
  const close = (): void => setState({ dialog: undefined });
  const params = { webhookId: webhook.id };
  const test = useProjectWrite('POST /webhooks/:webhookId/test', {
    onDone: ({ id }) => void navigate({ to: paths.delivery(projectId, webhook.id, id) }),
  });
  const remove = useProjectWrite('DELETE /webhooks/:webhookId', {
    showsProblem: true,
    done: 'The endpoint is deleted',
    onDone: () => void navigate({ to: paths.webhooks(projectId) }),
  });
  return (
    <>
      <PageHeader
        title="Webhook"
        heading={<span className="font-mono text-base break-all">{webhook.url}</span>}
        status={<WebhookStatus webhook={webhook} />}
        note={<Id id={webhook.id} isWhole />}
        actions={
          <>
            <Button
              icon={<Send size={14} aria-hidden />}
              may={may}
              isBusy={test.isPending}
              unavailable={webhook.enabled ? undefined : 'It is off: switch it on first'}
              onClick={() => test.mutate({ params })}
            >
              Send test
            </Button>
            <MoreMenu webhook={webhook} may={may} onDialog={(name) => setState({ dialog: name })} />
          </>
        }
      />
      <div className="grid gap-5">
        <Trouble webhook={webhook} may={may} />
        <Panel title="Endpoint">
          <Details webhook={webhook} />
        </Panel>
        <Deliveries webhookId={webhook.id} />
      </div>
      {may.allowed && dialog === 'edit' && <WebhookDialog webhook={webhook} onClose={close} />}
      {may.allowed && dialog === 'rotate' && <RotateDialog webhookId={webhook.id} onClose={close} />}
      {may.allowed && dialog === 'replay' && <ReplayDialog webhookId={webhook.id} onClose={close} />}
      <ConfirmDialog
        isOpen={may.allowed && dialog === 'delete'}
        onClose={close}
        title="Delete this endpoint?"
        action="Delete endpoint"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ params })}
      >
        <span className="break-all">{webhook.url}</span> is told of nothing more, and what waits for it is
        given up. It cannot be taken back.
      </ConfirmDialog>
    </>
  );
}

function Details({ webhook }: { readonly webhook: Webhook }) {
  const { description, events, rateLimit, inOrder, createdAt, updatedAt } = webhook;
  return (
    <DescriptionList
      columns={2}
      items={[
        ['Description', description || null],
        ['Pace', rateLimit === null ? 'As many as go' : `At most ${rateLimit} a second`],
        [
          'Events',
          events.length === 0 ? (
            'All events'
          ) : (
            <ul key="events">
              {events.map((pattern) => (
                <li key={pattern} className="font-mono text-xs break-all">
                  {pattern}
                </li>
              ))}
            </ul>
          ),
        ],
        ['Order', inOrder ? 'One after the other, by resource' : 'As they come'],
        ['Created', <Time key="created" at={createdAt} show="absolute" />],
        [
          'Changed',
          updatedAt === undefined ? undefined : <Time key="changed" at={updatedAt} show="absolute" />,
        ],
      ]}
    />
  );
}

/** It was switched off by the server, or by somebody: either way nothing is delivered. */
function Trouble({ webhook, may }: { readonly webhook: Webhook; readonly may: May }) {
  const enable = useProjectWrite('PATCH /webhooks/:webhookId', { done: 'Deliveries resume' });
  if (webhook.enabled) return null;
  const { disabledReason } = webhook;
  return (
    <Banner
      tone={disabledReason === null ? 'pending' : 'failed'}
      title={
        disabledReason === 'gone'
          ? 'It was switched off: the endpoint answered 410 Gone'
          : disabledReason === 'failing'
            ? 'It was switched off: the endpoint had failed for five days'
            : 'It is switched off'
      }
      action={
        <Button
          size="sm"
          may={may}
          isBusy={enable.isPending}
          onClick={() => enable.mutate({ params: { webhookId: webhook.id }, body: { enabled: true } })}
        >
          Switch on
        </Button>
      }
    >
      What happens meanwhile waits, and is delivered in order once it is on again.
    </Banner>
  );
}

interface MoreMenuProps {
  readonly webhook: Webhook;
  readonly may: May;
  readonly onDialog: (name: string) => void;
}

function MoreMenu({ webhook, may, onDialog }: MoreMenuProps) {
  const update = useProjectWrite('PATCH /webhooks/:webhookId', {
    done: webhook.enabled ? 'Deliveries pause' : 'Deliveries resume',
  });
  const shared = { unavailable: may.reason };
  return (
    <Menu
      label="More actions"
      trigger={
        <IconButton
          label="More actions"
          icon={<Ellipsis size={16} aria-hidden />}
          className="size-8 border border-line-strong bg-surface"
        />
      }
    >
      <MenuItem {...shared} icon={<Pencil size={14} aria-hidden />} onSelect={() => onDialog('edit')}>
        Edit
      </MenuItem>
      <MenuItem {...shared} icon={<KeyRound size={14} aria-hidden />} onSelect={() => onDialog('rotate')}>
        Rotate secret
      </MenuItem>
      <MenuItem
        icon={<History size={14} aria-hidden />}
        unavailable={may.reason ?? (webhook.enabled ? undefined : 'It is off: switch it on first')}
        onSelect={() => onDialog('replay')}
      >
        Replay events
      </MenuItem>
      <MenuItem
        {...shared}
        icon={<Power size={14} aria-hidden />}
        onSelect={() =>
          update.mutate({ params: { webhookId: webhook.id }, body: { enabled: !webhook.enabled } })
        }
      >
        {webhook.enabled ? 'Switch off' : 'Switch on'}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        {...shared}
        isDangerous
        icon={<Trash2 size={14} aria-hidden />}
        onSelect={() => onDialog('delete')}
      >
        Delete
      </MenuItem>
    </Menu>
  );
}
