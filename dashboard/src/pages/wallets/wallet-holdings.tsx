import type { WalletHoldings as Holdings, WalletTransfer } from '@openoms/contract/console/wallets.ts';
import type { ReactNode } from 'react';
import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/class-names.ts';
import { formatDecimal, isNegative, isZero, sumOf } from '../../components/decimal.ts';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { paths } from '../../paths.ts';

/** The chain is asked anew as often: no event tells of its blocks. */
const REFETCH_MS = 15_000;

interface WalletHoldingsProps {
  readonly walletId: string;
  readonly transfers: readonly WalletTransfer[];
}

/** What the ledger and the token contract say that a wallet holds, and why they differ when they do. */
export function WalletHoldings({ walletId, transfers }: WalletHoldingsProps) {
  const { id: projectId } = useProject();
  const { data, error, refetch, isFetching } = useProjectRead(
    'GET /wallets/:walletId/holdings',
    { params: { walletId } },
    { refetchInterval: REFETCH_MS },
  );
  return (
    <Panel
      title="Holdings"
      note="By the books, and by the chain"
      actions={
        <Button size="sm" look="quiet" isBusy={isFetching} onClick={() => void refetch()}>
          Ask the chain
        </Button>
      }
      isFlush
    >
      {data ? (
        <>
          <div className="grid divide-line sm:grid-cols-2 max-sm:divide-y sm:divide-x">
            <HoldingSide
              label="Ledger"
              amount={data.ledger.posted}
              asset={data.asset}
              facts={[
                ['Held for payments', <Amount key="held" amount={data.ledger.held} asset={data.asset} />],
                ['Available', <Amount key="available" amount={data.ledger.available} asset={data.asset} />],
                [
                  'Account',
                  <Link key="account" to={paths.ledgerAccount(projectId, data.ledger.accountId)}>
                    In the ledger
                  </Link>,
                ],
              ]}
            />
            <HoldingSide
              label="On chain"
              amount={data.chain.balance}
              asset={data.asset}
              facts={[
                [
                  'As of block',
                  <span key="block" className="figures">
                    {data.chain.blockNumber ?? '–'}
                  </span>,
                ],
                ['Block is', data.chain.isFinal ? 'Final' : 'Not final yet'],
              ]}
            />
          </div>
          <Difference holdings={data} transfers={transfers} />
        </>
      ) : (
        <div className="p-4">
          {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={4} />}
        </div>
      )}
    </Panel>
  );
}

interface HoldingSideProps {
  readonly label: string;
  /** Null: nobody answers. */
  readonly amount: string | null;
  readonly asset: string;
  readonly facts: readonly (readonly [string, ReactNode])[];
}

const HoldingSide = ({ label, amount, asset, facts }: HoldingSideProps) => (
  <div className="min-w-0 px-4 py-4">
    <h3 className="text-xs font-normal text-muted">{label}</h3>
    <p className="mt-1 min-h-8">
      {amount === null ? (
        <span className="text-lg text-muted">No answer</span>
      ) : (
        <Amount amount={amount} asset={asset} size="lg" />
      )}
    </p>
    <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 text-sm">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt className="text-xs text-muted">{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  </div>
);

/** Of a deposit or send that the ledger has not booked, or not taken out, yet. */
const UNDER_WAY = new Set(['detected', 'queued', 'relaying']);

const amountsOf = (transfers: readonly WalletTransfer[], direction: WalletTransfer['direction']): string =>
  sumOf(
    transfers
      .filter((transfer) => transfer.direction === direction && UNDER_WAY.has(transfer.status.toLowerCase()))
      .map(({ amount }) => amount),
  );

interface Verdict {
  readonly status: string;
  readonly tone: 'done' | 'pending' | 'failed';
  readonly text: string;
}

function verdictOf({ difference, asset, ledger }: Holdings, transfers: readonly WalletTransfer[]): Verdict {
  const unit = asset.toUpperCase();
  if (difference === null)
    return {
      status: 'Unknown',
      tone: 'pending',
      text: 'The chain does not answer; what it holds cannot be compared now.',
    };
  if (isZero(difference))
    return { status: 'Agree', tone: 'done', text: 'Ledger and chain hold the same, to the smallest unit.' };
  const [coming, going] = [amountsOf(transfers, 'in'), amountsOf(transfers, 'out')];
  const parts = [
    isZero(coming)
      ? ''
      : `${formatDecimal(coming)} ${unit} have arrived that are credited once their block is final`,
    isZero(going) ? '' : `${formatDecimal(going)} ${unit} are on their way out`,
    isZero(going) && !isZero(ledger.held)
      ? `${formatDecimal(ledger.held)} ${unit} are held for payments`
      : '',
  ].filter(Boolean);
  if (parts.length > 0)
    return { status: 'Under way', tone: 'pending', text: `${parts.join('; ')}. It evens out by itself.` };
  return {
    status: 'Differ',
    tone: 'failed',
    text: isNegative(difference)
      ? 'The chain holds less than the books say, and no payment under way explains it. Look at the breaks of reconciliation.'
      : 'The chain holds more than the books say, and no deposit under way explains it. Look at the breaks of reconciliation.',
  };
}

function Difference({
  holdings,
  transfers,
}: {
  readonly holdings: Holdings;
  readonly transfers: readonly WalletTransfer[];
}) {
  const { id: projectId } = useProject();
  const { status, tone, text } = verdictOf(holdings, transfers);
  const { difference, asset } = holdings;
  return (
    <div
      className={cx(
        'flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-4 py-3',
        tone === 'failed' ? 'border-failed/30 bg-failed-soft' : 'bg-paper',
      )}
    >
      <span className="text-xs text-muted">Difference</span>
      {difference !== null && <Amount amount={difference} asset={asset} isSigned={!isZero(difference)} />}
      <Status status={status} tone={tone} />
      <p className="min-w-0 basis-72 text-sm text-soft sm:flex-1">{text}</p>
      {tone === 'failed' && <Link to={paths.reconciliation(projectId)}>Reconciliation</Link>}
    </div>
  );
}
