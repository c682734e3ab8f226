import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { Checkbox, RadioGroup } from '../../components/choice.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';

type Kind = 'missed' | 'window' | 'resource' | 'events';

interface ReplayDialogProps {
  readonly webhookId: string;
  readonly onClose: () => void;
}

export function ReplayDialog({ webhookId, onClose }: ReplayDialogProps) {
  const [kind, setKind] = useState<Kind>('missed');
  const [text, setText] = useState('');
  const [after, setAfter] = useState('');
  const [before, setBefore] = useState('');
  const [onlyUndelivered, setOnlyUndelivered] = useState(true);
  const replay = useProjectWrite('POST /webhooks/:webhookId/replay', { showsProblem: true });
  const which = (): object => {
    if (kind === 'missed') return { sinceLastSuccess: true };
    if (kind === 'resource') return { resource: text.trim(), onlyUndelivered };
    if (kind === 'events') return { eventIds: text.split(/[\s,]+/).filter(Boolean) };
    const until = before === '' ? {} : { createdBefore: `${before}:00.000Z` };
    return { createdAfter: `${after}:00.000Z`, ...until, onlyUndelivered };
  };
  if (replay.data) {
    const { deliveries, hasMore, lastEventId } = replay.data;
    return (
      <Dialog isOpen onClose={onClose} title="Replay">
        <Banner tone="done" isAlert title={`${deliveries.toLocaleString('en')} deliveries are due now`}>
          {hasMore && 'There are more: go on where this one ended.'}
        </Banner>
        <Actions>
          {hasMore && lastEventId !== null && (
            <Button
              isBusy={replay.isPending}
              onClick={() =>
                replay.mutate({ params: { webhookId }, body: { ...which(), afterEventId: lastEventId } })
              }
            >
              Go on
            </Button>
          )}
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </Actions>
      </Dialog>
    );
  }
  const { fields = {} } = replay.error ?? {};
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Replay events"
      note="Sends them again, or for the first time, the oldest first. Your endpoint tells repeats by their id."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          replay.mutate({ params: { webhookId }, body: which() });
        }}
      >
        <RadioGroup
          label="Which"
          name="kind"
          value={kind}
          onValue={(next) => {
            setKind(next);
            setText('');
          }}
          options={[
            {
              value: 'missed',
              label: 'What was missed',
              hint: 'Since the last event that the endpoint took.',
            },
            { value: 'window', label: 'A window of time' },
            { value: 'resource', label: 'All of one resource' },
            { value: 'events', label: 'Certain events' },
          ]}
        />
        {kind === 'window' && (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="From"
              hint="UTC"
              type="datetime-local"
              value={after}
              onValue={setAfter}
              error={fields.createdAfter}
              required
            />
            <TextField
              label="Until"
              hint="Empty: now"
              type="datetime-local"
              value={before}
              onValue={setBefore}
              error={fields.createdBefore}
            />
          </div>
        )}
        {kind === 'resource' && (
          <TextField
            label="Id of the resource"
            placeholder="txn_…"
            value={text}
            onValue={setText}
            error={fields.resource}
            isMono
            required
          />
        )}
        {kind === 'events' && (
          <TextField
            label="Ids of events"
            hint="With commas or spaces between; at most 100."
            placeholder="evt_… evt_…"
            value={text}
            onValue={setText}
            error={fields.eventIds}
            isMono
            required
          />
        )}
        {(kind === 'window' || kind === 'resource') && (
          <Checkbox
            label="Only what the endpoint has not taken"
            checked={onlyUndelivered}
            onValue={setOnlyUndelivered}
          />
        )}
        <FormProblem error={replay.error} shown={['createdAfter', 'createdBefore', 'resource', 'eventIds']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={replay.isPending}>
            Replay
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
