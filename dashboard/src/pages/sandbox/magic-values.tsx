import type { MagicValue } from '@openoms/contract/magic-values.ts';
import { useProjectRead } from '../../api/queries.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useUrlState } from '../../components/url-state.ts';

const MATCHES: Readonly<Record<MagicValue['match'], string>> = {
  equals: 'is',
  endsWith: 'ends with',
  zipCodeEquals: 'is a place in',
};

const isMeant = (row: MagicValue, words: readonly string[]): boolean => {
  const text = [row.name, row.operation, row.field, row.value, row.does, row.shows].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

/** The catalogue of values that tell the outside world what to do, by any of their words. */
export function MagicValues() {
  const [{ q = '' }, setState] = useUrlState();
  const { data, error, refetch } = useProjectRead('GET /sandbox/magic-values', {});
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = data?.data.filter((row) => isMeant(row, words));
  const operations = [...new Set(shown?.map(({ operation }) => operation))];
  return (
    <Panel title="Magic values" note={shown && <span className="figures">{shown.length}</span>} isFlush>
      <div className="grid gap-3 border-b border-line p-4">
        <div className="max-w-md">
          <TextField
            label="Search"
            type="search"
            placeholder="R10, till, account number…"
            value={q}
            onValue={(next) => setState({ q: next })}
          />
        </div>
        <p className="max-w-[76ch] text-sm text-soft">
          A request says them in an ordinary field, or its name in the header{' '}
          <code className="font-mono text-xs">OMS-Sandbox-Scenario</code>, whatever is in the field. In a live
          project they mean nothing.
        </p>
      </div>
      {error && !data && (
        <div className="p-4">
          <Problem error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {!error && !data && (
        <div className="p-4">
          <Skeleton lines={10} />
        </div>
      )}
      {operations.map((operation) => (
        <section key={operation} aria-label={operation}>
          <h3 className="border-b border-line bg-sunken px-4 py-1.5 font-mono text-xs font-medium">
            {operation}
          </h3>
          <ul className="divide-y divide-line border-b border-line">
            {shown
              ?.filter((row) => row.operation === operation)
              .map((row) => (
                <Row key={row.name} row={row} />
              ))}
          </ul>
        </section>
      ))}
      {shown?.length === 0 && (
        <EmptyState title="No value is about that">
          Search by what should happen, a code such as R02, or the name of a field.
        </EmptyState>
      )}
    </Panel>
  );
}

const Row = ({ row: { name, field, match, value, does, shows, header } }: { readonly row: MagicValue }) => (
  <li className="grid gap-x-6 gap-y-1 px-4 py-2.5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.5fr)]">
    <div className="min-w-0">
      <p className="flex min-w-0 items-center gap-1 font-mono text-xs">
        <span className="min-w-0 font-medium break-all">{value}</span>
        <CopyButton text={value} label={`Copy ${value}`} />
      </p>
      <p className="text-xs break-words text-muted">
        <span className="font-mono">{field}</span> {MATCHES[match]} it
      </p>
      {header.length > 0 && (
        <p className="flex items-center gap-1 text-xs text-muted">
          by name <span className="font-mono">{name}</span>
          <CopyButton text={name} label={`Copy ${name}`} />
        </p>
      )}
    </div>
    <div className="min-w-0 text-sm">
      <p>{does}</p>
      <p className="text-soft">{shows}</p>
    </div>
  </li>
);
