import type { EventType } from '@openoms/contract/event-types.ts';
import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useProjectRead } from '../../api/queries.ts';
import { Checkbox, RadioGroup } from '../../components/choice.tsx';
import { TextField } from '../../components/field.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge, wordsOf } from '../../components/status.tsx';
import { matchesPattern } from './patterns.ts';

interface EventPickerProps {
  /** Names and patterns; undefined: all events. */
  readonly value: readonly string[] | undefined;
  readonly onValue: (patterns: readonly string[] | undefined) => void;
  readonly error?: string | undefined;
}

interface CatalogueProps {
  readonly value: readonly string[];
  readonly onValue: (patterns: readonly string[]) => void;
}

/** The catalogue of events in groups; a whole group is one pattern, such as `transaction.*`. */
export function EventPicker({ value, onValue, error }: EventPickerProps) {
  return (
    <div className="grid gap-2">
      <RadioGroup
        label="Events"
        name="events"
        value={value ? 'some' : 'all'}
        onValue={(choice) => onValue(choice === 'all' ? undefined : [])}
        options={[
          {
            value: 'all',
            label: 'All events',
            hint: 'Also those that later versions add; none for compliance.',
          },
          { value: 'some', label: 'Those that are chosen' },
        ]}
      />
      {value && <Catalogue value={value} onValue={onValue} />}
      {error !== undefined && (
        <p role="alert" className="text-xs font-medium text-failed">
          {error}
        </p>
      )}
    </div>
  );
}

function Catalogue({ value, onValue }: CatalogueProps) {
  const { data, error } = useProjectRead('GET /event-types', {});
  const [text, setText] = useState('');
  const groups = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const found = data?.data.filter(
      ({ name, when }) => wanted === '' || `${name} ${when}`.toLowerCase().includes(wanted),
    );
    return found && [...Map.groupBy(found, ({ name }) => name.split('.')[0] ?? '')];
  }, [data, text]);
  if (error) return <Problem error={error} />;
  if (!groups) return <Skeleton lines={5} />;
  return (
    <div className="min-w-0 rounded-md border border-line">
      <div className="relative border-b border-line p-2">
        <TextField
          label="Find an event"
          isLabelHidden
          placeholder="Find an event"
          value={text}
          onValue={setText}
          className="pl-8"
        />
        <Search size={14} aria-hidden className="pointer-events-none absolute top-4.5 left-4.5 text-muted" />
      </div>
      <div className="max-h-72 overflow-y-auto px-3 py-2">
        {groups.map(([group, events]) => (
          <Group key={group} group={group} events={events} value={value} onValue={onValue} />
        ))}
        {groups.length === 0 && (
          <p className="py-4 text-center text-sm text-muted">No event is called that.</p>
        )}
      </div>
      <p role="status" className="border-t border-line px-3 py-2 text-xs text-muted">
        {value.length === 0 ? 'Nothing is chosen yet.' : value.join(', ')}
      </p>
    </div>
  );
}

interface GroupProps extends CatalogueProps {
  readonly group: string;
  readonly events: readonly EventType[];
}

function Group({ group, events, value, onValue }: GroupProps) {
  const pattern = `${group}.*`;
  const isWhole = value.includes(pattern);
  const ordinary = events.filter(({ audience }) => audience === 'all');
  const withoutGroup = value.filter((other) => !other.startsWith(`${group}.`));
  const toggle = (name: string, isOn: boolean): void => {
    // Taking one out of a whole group leaves the others of it, by their names.
    const named = isWhole ? [...withoutGroup, ...ordinary.map((event) => event.name)] : value;
    onValue(isOn ? [...named, name] : named.filter((other) => other !== name));
  };
  return (
    <fieldset className="border-b border-line py-2 last:border-b-0">
      <legend className="sr-only">{wordsOf(group)}</legend>
      {ordinary.length > 1 && (
        <Checkbox
          label={<span className="font-mono text-xs font-medium">{pattern}</span>}
          checked={isWhole}
          onValue={(isOn) => onValue(isOn ? [...withoutGroup, pattern] : withoutGroup)}
        />
      )}
      <div className={ordinary.length > 1 ? 'pl-6' : ''}>
        {events.map(({ name, when, audience }) => (
          <Checkbox
            key={name}
            label={
              <>
                <span className="mr-2 font-mono text-xs break-all">{name}</span>
                {audience === 'compliance' && <Badge tone="info">compliance</Badge>}
              </>
            }
            hint={when}
            checked={
              audience === 'compliance'
                ? value.includes(name)
                : value.some((chosen) => matchesPattern(chosen, name))
            }
            onValue={(isOn) => toggle(name, isOn)}
          />
        ))}
      </div>
    </fieldset>
  );
}
