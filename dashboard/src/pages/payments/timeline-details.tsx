import type { TimelineEntry, TimelineFact } from '@openoms/contract/console/timeline.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatDecimal } from '../../components/decimal.ts';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { pageOfId, paths } from '../../paths.ts';
import { Actor } from '../requests/actor.tsx';
import { OnChain } from './on-chain.tsx';

const amountParts = (value: string): readonly [amount: string, asset: string | undefined] => {
  const [amount = value, asset] = value.split(' ');
  return [amount, asset];
};

/** `0.84` and `1840.2` milliseconds as people read them. */
export function formatDuration(ms: number): string {
  if (ms < 1) return '< 1 ms';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** A fact as plain words, for a line that stands for what is folded. */
export function wordsOfFact({ value, kind }: TimelineFact): string | undefined {
  if (kind === 'amount') {
    const [amount, asset = ''] = amountParts(value);
    return `${formatDecimal(amount)} ${asset}`.trim();
  }
  if (kind === 'duration') return formatDuration(Number(value));
  return kind === 'text' || (kind === 'code' && value.length <= 16) ? value : undefined;
}

function FactValue({ fact: { value, kind } }: { readonly fact: TimelineFact }) {
  if (kind === 'amount') {
    const [amount, asset] = amountParts(value);
    return <Amount amount={amount} asset={asset} />;
  }
  if (kind === 'time') return <Time at={value} show="absolute" />;
  if (kind === 'id') return <ResourceLink id={value} />;
  if (kind === 'address') return <OnChain kind="address" value={value} />;
  if (kind === 'txHash') return <OnChain kind="tx" value={value} />;
  if (kind === 'duration') return <span className="figures">{formatDuration(Number(value))}</span>;
  if (/^(apiKey|user):/.test(value)) return <Actor actor={value} />;
  if (kind === 'text') return <span className="break-words">{value}</span>;
  return value.length > 24 ? (
    <Id id={value} />
  ) : (
    <span className="inline-flex items-center gap-0.5 font-mono text-xs">
      <span className="break-all">{value}</span>
      <CopyButton text={value} label="Copy code" />
    </span>
  );
}

export const Facts = ({ facts }: { readonly facts: readonly TimelineFact[] }) => (
  <dl className="grid grid-cols-[repeat(auto-fit,minmax(min(17rem,100%),1fr))] gap-x-8 rounded-md border border-line bg-paper px-3 py-1 text-sm">
    {facts.map((fact) => (
      <div
        key={fact.label}
        className="grid min-h-7 min-w-0 grid-cols-[5.25rem_minmax(0,1fr)] items-center gap-x-2 sm:grid-cols-[7rem_minmax(0,1fr)] sm:gap-x-3"
      >
        <dt className="text-xs text-muted">{fact.label}</dt>
        <dd className="min-w-0">
          <FactValue fact={fact} />
        </dd>
      </div>
    ))}
  </dl>
);

/** The arithmetic of a price, written as a sum on paper. */
export const Sum = ({ lines }: { readonly lines: NonNullable<TimelineEntry['sum']> }) => (
  <ol
    aria-label="Arithmetic"
    className="grid max-w-xl rounded-md border border-line bg-paper px-3 py-1.5 text-sm"
  >
    {lines.map(({ label, operator, amount, unit, note }, index) => {
      const isResult = operator === '=';
      return (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a sum is as long as it is, and its labels repeat
          key={index}
          className={`grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 py-0.5 ${isResult ? 'mt-0.5 border-t border-line-strong pt-1 font-medium' : ''}`}
        >
          <span>{label}</span>
          <span className="figures whitespace-nowrap">
            <span className="mr-2 text-muted">{operator}</span>
            {operator === '×' ? amount : formatDecimal(amount)}
            <span className="ml-1 text-xs font-normal text-muted">{unit}</span>
          </span>
          {note !== null && <span className="col-span-2 text-xs font-normal text-muted">{note}</span>}
        </li>
      );
    })}
  </ol>
);

const HOLD_WORDS = { pending: 'held', posted: 'hold taken', voided: 'hold released', single: '' } as const;

/** What the ledger moved: from the account that is debited to the one that is credited. */
export const Postings = ({ postings }: { readonly postings: NonNullable<TimelineEntry['postings']> }) => (
  <ul
    aria-label="Postings"
    className="grid divide-y divide-line rounded-md border border-line bg-paper text-sm"
  >
    {postings.map(({ id, debit, credit, amount, asset, state }) => (
      <li
        key={id}
        className="grid items-center gap-x-4 gap-y-0.5 px-3 py-1.5 sm:grid-cols-[minmax(0,1fr)_auto]"
      >
        <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <span className="sr-only">Debit </span>
          <AccountLink {...debit} />
          <span aria-hidden="true" className="text-muted">
            →
          </span>
          <span className="sr-only"> credit </span>
          <AccountLink {...credit} />
          {state !== 'single' && (
            <Badge tone={state === 'pending' ? 'pending' : 'idle'}>{HOLD_WORDS[state]}</Badge>
          )}
        </span>
        <span className="sm:text-right">
          <Amount amount={amount} asset={asset} />
        </span>
      </li>
    ))}
  </ul>
);

function AccountLink({ id, name }: { readonly id: string; readonly name: string }) {
  const { id: projectId } = useProject();
  const page = pageOfId(projectId, id);
  return page === undefined ? (
    <span>{name}</span>
  ) : (
    <Link to={page} className="inline-flex min-h-6 items-center">
      {name}
    </Link>
  );
}

/** A delivery of a webhook, each attempt of it. */
export function DeliveryAttempts({
  delivery,
}: {
  readonly delivery: NonNullable<TimelineEntry['delivery']>;
}) {
  const { id: projectId } = useProject();
  const { webhookId, deliveryId, url, attempts } = delivery;
  return (
    <div className="grid gap-1 rounded-md border border-line bg-paper px-3 py-2 text-sm">
      <p className="min-w-0 break-all">
        <span className="text-xs text-muted">To </span>
        <Link to={paths.webhook(projectId, webhookId)}>
          <span className="font-mono text-xs">{url}</span>
        </Link>
      </p>
      {attempts.length === 0 ? (
        <p className="text-xs text-muted">Not tried yet.</p>
      ) : (
        <ol aria-label="Attempts" className="grid">
          {attempts.map(({ number, at, statusCode, durationMs, error }) => (
            <li key={number} className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-0.5">
              <span className="figures w-16 text-xs text-muted">Attempt {number}</span>
              <Status
                status={statusCode === null ? 'No answer' : String(statusCode)}
                tone={statusCode !== null && statusCode < 300 ? 'done' : 'failed'}
              />
              {durationMs !== null && (
                <span className="figures text-xs text-muted">{formatDuration(durationMs)}</span>
              )}
              <span className="text-xs text-muted">
                <Time at={at} show="absolute" />
              </span>
              {error !== null && <span className="text-xs break-words text-failed">{error}</span>}
            </li>
          ))}
        </ol>
      )}
      <p className="text-xs">
        <Link to={paths.delivery(projectId, webhookId, deliveryId)}>
          Request and response of each attempt
        </Link>
      </p>
    </div>
  );
}
