import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { type Option, TextField } from './field.tsx';
import { Popup } from './popup.tsx';
import { type UrlState, useUrlState } from './url-state.ts';

/** `name` is that of the query of the operation, and of the address. */
export type Filter =
  | {
      readonly kind: 'select';
      readonly name: string;
      readonly label: string;
      readonly options: readonly Option[];
    }
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly label: string;
      readonly placeholder?: string;
      /** Shown once it is set: for what other pages link to. */
      readonly isRare?: boolean;
    }
  /** `createdAfter` and `createdBefore`, by days in UTC. */
  | { readonly kind: 'created'; readonly label: string };

type ValueOf<F> = F extends { kind: 'select'; options: readonly { value: infer V extends string }[] }
  ? V
  : string;
type NamesOf<F> = F extends { kind: 'created' }
  ? 'createdAfter' | 'createdBefore'
  : F extends { name: infer N extends string }
    ? N
    : never;
type FilterOf<F, Name> = F extends unknown ? (Name extends NamesOf<F> ? F : never) : never;

/** The values of the filters as the query of the operation, from the address. */
export type FilterQuery<Filters extends readonly Filter[]> = {
  [Name in NamesOf<Filters[number]>]?: ValueOf<FilterOf<Filters[number], Name>>;
};

const namesOf = (filter: Filter): readonly string[] =>
  filter.kind === 'created' ? ['createdAfter', 'createdBefore'] : [filter.name];

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const asQuery = (name: string, value: string): string => {
  if (!DAY.test(value)) return value;
  if (name === 'createdAfter') return `${value}T00:00:00.000Z`;
  return name === 'createdBefore' ? `${value}T23:59:59.999Z` : value;
};

export function useFilters<const Filters extends readonly Filter[]>(filters: Filters): FilterQuery<Filters> {
  const [state] = useUrlState();
  return filtersOf(filters, state);
}

/** The same of an address that is not shown yet, for what a page prefetches. */
export function filtersOf<const Filters extends readonly Filter[]>(
  filters: Filters,
  state: UrlState,
): FilterQuery<Filters> {
  const known = filters.flatMap((filter) => {
    const values = filter.kind === 'select' ? filter.options.map(({ value }) => value) : undefined;
    return namesOf(filter).flatMap((name) => {
      const value = state[name];
      const isValid = value !== undefined && (values === undefined || values.includes(value));
      return isValid ? [[name, asQuery(name, value)] as const] : [];
    });
  });
  return Object.fromEntries(known) as FilterQuery<Filters>;
}

const isOffered = (filter: Filter, state: UrlState): boolean =>
  filter.kind !== 'text' || !filter.isRare || Boolean(state[filter.name]);

/** Filters of a list. Each is a chip that opens what it asks; the address holds what is chosen. */
export function FilterBar({
  filters,
  end,
}: {
  readonly filters: readonly Filter[];
  readonly end?: ReactNode;
}) {
  const [state, setState] = useUrlState();
  const names = filters.flatMap(namesOf);
  const isAnySet = names.some((name) => state[name]);
  return (
    <search className="flex flex-wrap items-center gap-2 pb-3">
      {filters
        .filter((filter) => isOffered(filter, state))
        .map((filter) => (
          <FilterChip key={filter.label} filter={filter} state={state} onChange={setState} />
        ))}
      {isAnySet && (
        <Button
          size="sm"
          look="quiet"
          onClick={() => setState(Object.fromEntries(names.map((name) => [name, undefined])))}
        >
          Clear all
        </Button>
      )}
      {end !== undefined && <div className="ml-auto">{end}</div>}
    </search>
  );
}

interface FilterChipProps {
  readonly filter: Filter;
  readonly state: UrlState;
  readonly onChange: (change: Readonly<Record<string, string | undefined>>) => void;
}

function wordsOf(filter: Filter, state: UrlState): string | undefined {
  if (filter.kind === 'created') {
    const { createdAfter: after, createdBefore: before } = state;
    if (after && before) return `${after} – ${before}`;
    return after ? `from ${after}` : before ? `until ${before}` : undefined;
  }
  const value = state[filter.name];
  if (!value) return undefined;
  return filter.kind === 'text' ? value : filter.options.find((option) => option.value === value)?.label;
}

function FilterChip({ filter, state, onChange }: FilterChipProps) {
  const words = wordsOf(filter, state);
  const isSet = words !== undefined;
  const clear = Object.fromEntries(namesOf(filter).map((name) => [name, undefined]));
  return (
    <div
      className={cx(
        'flex h-7 max-w-full items-center rounded-full border text-xs',
        isSet ? 'border-accent/40 bg-accent-soft' : 'border-dashed border-line-input',
      )}
    >
      <Popup
        role="dialog"
        label={filter.label}
        className="w-64"
        focused="input, button"
        trigger={
          <button
            type="button"
            className={cx(
              'flex h-full min-w-0 items-center gap-1.5 rounded-full px-2.5',
              isSet ? 'pr-1' : 'text-soft hover:text-ink',
            )}
          >
            {!isSet && <Plus size={12} aria-hidden />}
            <span className={isSet ? 'text-soft' : ''}>{filter.label}</span>
            {isSet && <span className="max-w-48 truncate font-medium text-accent">{words}</span>}
          </button>
        }
      >
        {(close) => {
          const apply = (change: Readonly<Record<string, string | undefined>>): void => {
            close();
            onChange(change);
          };
          return filter.kind === 'select' ? (
            <Choices filter={filter} value={state[filter.name]} onChange={apply} />
          ) : (
            <Typed filter={filter} state={state} onChange={apply} />
          );
        }}
      </Popup>
      {isSet && (
        <button
          type="button"
          aria-label={`Remove filter ${filter.label}`}
          className="mr-0.5 inline-flex size-6 items-center justify-center rounded-full text-soft hover:text-ink"
          onClick={() => onChange(clear)}
        >
          <X size={12} aria-hidden />
        </button>
      )}
    </div>
  );
}

interface ChoicesProps {
  readonly filter: Extract<Filter, { kind: 'select' }>;
  readonly value: string | undefined;
  readonly onChange: FilterChipProps['onChange'];
}

/** More options than this can be searched. */
const MANY_OPTIONS = 12;

function Choices({ filter, value, onChange }: ChoicesProps) {
  const [text, setText] = useState('');
  const isLong = filter.options.length > MANY_OPTIONS;
  const wanted = text.trim().toLowerCase();
  const options = filter.options.filter(({ label }) => label.toLowerCase().includes(wanted));
  return (
    <>
      {isLong && (
        <div className="p-1">
          <TextField
            label={`Find ${filter.label.toLowerCase()}`}
            isLabelHidden
            placeholder="Type to find"
            value={text}
            onValue={setText}
          />
        </div>
      )}
      <OptionList filter={{ ...filter, options }} value={value} onChange={onChange} />
      {options.length === 0 && <p className="px-2.5 py-2 text-sm text-muted">There is none of this name.</p>}
    </>
  );
}

const OptionList = ({ filter, value, onChange }: ChoicesProps) => (
  <ul className="max-h-80 overflow-y-auto">
    {filter.options.map((option) => (
      <li key={option.value}>
        <button
          type="button"
          aria-pressed={option.value === value}
          className="flex min-h-8 w-full items-center justify-between gap-3 rounded-md px-2.5 py-1 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2"
          onClick={() => onChange({ [filter.name]: option.value === value ? undefined : option.value })}
        >
          {option.label}
          {option.value === value && <span aria-hidden="true" className="size-1.5 rounded-full bg-accent" />}
        </button>
      </li>
    ))}
  </ul>
);

interface TypedProps {
  readonly filter: Exclude<Filter, { kind: 'select' }>;
  readonly state: UrlState;
  readonly onChange: FilterChipProps['onChange'];
}

function Typed({ filter, state, onChange }: TypedProps) {
  const onSubmit = (event: React.FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    onChange(Object.fromEntries(namesOf(filter).map((name) => [name, String(data.get(name) ?? '').trim()])));
  };
  return (
    <form onSubmit={onSubmit} className="grid gap-3 p-2">
      {filter.kind === 'text' ? (
        <TextField
          label={filter.label}
          name={filter.name}
          defaultValue={state[filter.name]}
          placeholder={filter.placeholder}
        />
      ) : (
        <>
          <TextField
            label="From"
            hint="Days in UTC"
            type="date"
            name="createdAfter"
            defaultValue={state.createdAfter}
          />
          <TextField label="Until" type="date" name="createdBefore" defaultValue={state.createdBefore} />
        </>
      )}
      <Button type="submit" look="primary" size="sm">
        Apply
      </Button>
    </form>
  );
}
