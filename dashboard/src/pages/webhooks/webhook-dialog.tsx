import type { Webhook } from '@openoms/contract/webhooks.ts';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Switch } from '../../components/choice.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { paths } from '../../paths.ts';
import { EventPicker } from './event-picker.tsx';

interface WebhookDialogProps {
  /** Undefined: a new one. */
  readonly webhook?: Webhook;
  readonly onClose: () => void;
}

const SHOWN = ['url', 'events', 'description', 'rateLimit'];

/** An endpoint and what it is told of; after creating it, its secret. */
export function WebhookDialog({ webhook, onClose }: WebhookDialogProps) {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState<readonly string[] | undefined>(
    webhook && webhook.events.length > 0 ? webhook.events : undefined,
  );
  const [lacksEvents, setLacksEvents] = useState(false);
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [rateLimit, setRateLimit] = useState(webhook?.rateLimit?.toString() ?? '');
  const [inOrder, setInOrder] = useState(webhook?.inOrder ?? false);
  const create = useProjectWrite('POST /webhooks', { showsProblem: true });
  const update = useProjectWrite('PATCH /webhooks/:webhookId', {
    showsProblem: true,
    done: 'The endpoint is changed',
    onDone: onClose,
  });
  if (create.data)
    return <Created webhookId={create.data.id} secret={create.data.secret} onClose={onClose} />;
  const write = webhook ? update : create;
  const { fields = {} } = write.error ?? {};
  const submit = (): void => {
    // To the API none is all: whoever has chosen nothing does not mean that.
    if (events?.length === 0) {
      setLacksEvents(true);
      return;
    }
    const body = {
      url,
      events: [...(events ?? [])],
      description,
      rateLimit: rateLimit === '' ? null : Number(rateLimit),
      inOrder,
    };
    if (webhook) update.mutate({ params: { webhookId: webhook.id }, body });
    else create.mutate({ body });
  };
  return (
    <Dialog isOpen onClose={onClose} title={webhook ? 'Edit endpoint' : 'Add an endpoint'} width="wide">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label="URL"
          hint="HTTPS, or an address of this machine in a sandbox."
          type="url"
          value={url}
          onValue={setUrl}
          error={fields.url}
          placeholder="https://example.com/webhooks"
          isMono
          required
        />
        <EventPicker
          value={events}
          onValue={(patterns) => {
            setEvents(patterns);
            setLacksEvents(false);
          }}
          error={
            lacksEvents
              ? 'Choose one at least, or all events.'
              : Object.entries(fields).find(([field]) => field.startsWith('events'))?.[1]
          }
        />
        <TextField
          label="Description"
          value={description}
          onValue={setDescription}
          error={fields.description}
          maxLength={500}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Most deliveries a second"
            hint="Empty: as many as go."
            type="number"
            min={1}
            max={1000}
            value={rateLimit}
            onValue={setRateLimit}
            error={fields.rateLimit}
            isMono
          />
          <Switch
            label="In order"
            hint="The next event of a resource waits until the one before it was taken."
            checked={inOrder}
            onValue={setInOrder}
          />
        </div>
        <FormProblem error={write.error} shown={SHOWN} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={write.isPending}>
            {webhook ? 'Save' : 'Add endpoint'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

interface CreatedProps {
  readonly webhookId: string;
  readonly secret: string;
  readonly onClose: () => void;
}

function Created({ webhookId, secret, onClose }: CreatedProps) {
  const { id } = useProject();
  const navigate = useNavigate();
  return (
    <Dialog isOpen onClose={onClose} title="The endpoint is added">
      <SecretOnce
        label="Signing secret"
        secret={secret}
        note="Your endpoint verifies every delivery with it. Nobody can show it again; it can be rotated."
      />
      <Actions>
        <Button look="primary" onClick={() => void navigate({ to: paths.webhook(id, webhookId) })}>
          Go to the endpoint
        </Button>
      </Actions>
    </Dialog>
  );
}
