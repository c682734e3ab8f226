import type { SandboxClockRequest } from '@openoms/contract/sandbox-clock.ts';
import { useState } from 'react';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge } from '../../components/status.tsx';
import { type ClockState, useProjectTime } from './clock-state.ts';
import { durationOf, UNITS, type Unit } from './durations.ts';

/** A clock that is ahead by less stands where everybody's does. */
const AHEAD_S = 5;
const MOVING = 'The clock is moving.';

/** Where the time stands, and the hands that move it. */
export function ClockFace({ clock: state }: { readonly clock: ClockState }) {
  const may = useMay('simulate');
  const { clock, set, isMoving, error } = state;
  const now = useProjectTime(clock);
  const [last, setLast] = useState<SandboxClockRequest>({ advanceSeconds: 3_600 });
  if (state.readError && !clock)
    return (
      <Panel title="Now">
        <Problem error={state.readError} onRetry={state.retry} />
      </Panel>
    );
  if (!clock || now === undefined)
    return (
      <Panel title="Now">
        <Skeleton lines={6} />
      </Panel>
    );
  const go = (body: SandboxClockRequest): void => {
    setLast(body);
    set(body);
  };
  const moving = isMoving ? MOVING : undefined;
  const next = clock.timers[0];
  return (
    <Panel title="Now" actions={<Mode mode={clock.mode} isMoving={isMoving} />}>
      <div className="grid gap-5">
        <div>
          <p className="figures font-mono text-[34px] leading-10 font-medium tracking-tight max-sm:text-[28px]">
            <time dateTime={now}>{now.slice(11, 19)}</time>
          </p>
          <p className="figures text-sm text-soft">
            {DAY.format(Date.parse(now))} <span className="text-muted">UTC</span>
          </p>
          <p className="text-xs text-muted">
            {Math.abs(clock.offsetSeconds) <= AHEAD_S
              ? 'As real time.'
              : `${durationOf(Math.abs(clock.offsetSeconds))} ${clock.offsetSeconds > 0 ? 'ahead of' : 'behind'} real time.`}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {clock.mode === 'running' || isMoving ? (
            <Button may={may} onClick={() => go({ freeze: true })}>
              {isMoving ? 'Stop' : 'Freeze'}
            </Button>
          ) : (
            <Button may={may} onClick={() => go({ resume: true })}>
              Let it run
            </Button>
          )}
          <Button
            may={may}
            unavailable={moving ?? (next ? undefined : 'No timer is pending.')}
            onClick={() => go({ toNextTimer: true })}
          >
            To the next timer
          </Button>
        </div>
        <Jumps may={may} moving={moving} onGo={go} fields={error?.fields ?? {}} />
        <FormProblem error={error} shown={['advanceSeconds', 'advanceTo']} />
        <SameCall route="POST /sandbox/clock" input={{ body: last }} />
      </div>
    </Panel>
  );
}

const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'UTC' });

const Mode = ({ mode, isMoving }: { readonly mode: 'running' | 'frozen'; readonly isMoving: boolean }) =>
  isMoving ? (
    <Badge tone="pending">Moving</Badge>
  ) : mode === 'running' ? (
    <Badge tone="done">Running</Badge>
  ) : (
    <Badge tone="info">Frozen</Badge>
  );

const PRESETS = [
  { seconds: 3_600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 604_800, label: '1 week' },
  { seconds: 2_592_000, label: '30 days' },
] as const;

interface JumpsProps {
  readonly may: ReturnType<typeof useMay>;
  readonly moving: string | undefined;
  readonly onGo: (body: SandboxClockRequest) => void;
  readonly fields: Readonly<Record<string, string>>;
}

function Jumps({ may, moving, onGo, fields }: JumpsProps) {
  const [count, setCount] = useState('1');
  const [unit, setUnit] = useState<Unit>('hours');
  const [to, setTo] = useState('');
  const seconds = Math.round(Number(count) * UNITS[unit]);
  const noCount = Number.isInteger(seconds) && seconds > 0 ? undefined : 'Say by how much.';
  return (
    <>
      <form
        className="grid gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && moving === undefined && noCount === undefined) onGo({ advanceSeconds: seconds });
        }}
      >
        <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)_auto] items-end gap-2">
          <TextField
            label="Advance by"
            isMono
            inputMode="decimal"
            value={count}
            onValue={setCount}
            error={fields.advanceSeconds}
          />
          <Select
            label="Unit"
            isLabelHidden
            value={unit}
            onValue={setUnit}
            options={(Object.keys(UNITS) as Unit[]).map((value) => ({ value, label: value }))}
          />
          <Button type="submit" look="primary" may={may} unavailable={moving ?? noCount}>
            Advance
          </Button>
        </div>
        <div className="flex flex-wrap gap-1.5">
          {PRESETS.map((preset) => (
            <Button
              key={preset.seconds}
              size="sm"
              may={may}
              unavailable={moving}
              onClick={() => onGo({ advanceSeconds: preset.seconds })}
            >
              +{preset.label}
            </Button>
          ))}
        </div>
      </form>
      <form
        className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && moving === undefined && to !== '')
            onGo({ advanceTo: new Date(`${to}Z`).toISOString() });
        }}
      >
        <TextField
          label="Advance to, in UTC"
          type="datetime-local"
          step="1"
          value={to}
          onValue={setTo}
          error={fields.advanceTo}
        />
        <Button type="submit" may={may} unavailable={moving ?? (to === '' ? 'Say to when.' : undefined)}>
          Go there
        </Button>
      </form>
    </>
  );
}
