import type { LedgerVerification } from '@openoms/contract/console/ledger.ts';
import { ShieldCheck } from 'lucide-react';
import { problemOf } from '../../api/problem.ts';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Id } from '../../components/id.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Progress } from '../../components/progress.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';

const POLL_MS = 400;

/** The latest verification; none is no error. */
function useLatest() {
  const query = useProjectRead(
    'GET /ledger/verifications/:verificationId',
    { params: { verificationId: 'latest' } },
    // The interval is that of what was read last.
    { refetchWhile: ({ status }) => (status === 'running' ? POLL_MS : false) },
  );
  const isNone = query.error != null && problemOf(query.error).status === 404;
  return { ...query, isNone };
}

/** Recomputes every balance and the chain of hashes, and says what came of it. */
export function Verification() {
  const may = useMay('read');
  const latest = useLatest();
  const verify = useProjectWrite('POST /ledger/verifications');
  const isRunning = verify.isPending || latest.data?.status === 'running';
  const shown = latest.isNone ? undefined : latest.data;
  return (
    <Panel
      title="Verification"
      note={shown && <Status status={shown.status} />}
      actions={
        <Button
          size="sm"
          icon={<ShieldCheck size={14} aria-hidden />}
          may={may}
          isBusy={isRunning}
          onClick={() => verify.mutate({})}
        >
          Verify the ledger
        </Button>
      }
    >
      {latest.isNone && !isRunning ? (
        <p className="text-sm text-soft">
          Not verified yet. Every balance is recomputed from its transfers, and every hash from the one
          before.
        </p>
      ) : latest.error && !latest.isNone && !latest.data ? (
        <Problem error={latest.error} onRetry={() => void latest.refetch()} />
      ) : !shown ? (
        <Skeleton lines={2} />
      ) : (
        <Outcome verification={shown} />
      )}
    </Panel>
  );
}

const SAID: Readonly<Record<LedgerVerification['status'], string>> = {
  running: 'It runs.',
  holds: 'Every balance is the sum of its transfers, and the chain of hashes is whole.',
  broken: 'Something does not hold.',
  failed: 'It could not be verified to the end.',
};

function Outcome({ verification }: { readonly verification: LedgerVerification }) {
  const { status, checked, total, findings, hash, endedAt, startedAt } = verification;
  return (
    <div role="status" className="grid gap-3">
      {status === 'running' ? (
        <Progress label="Transfers recomputed" value={checked} max={total} />
      ) : (
        <p className={`text-sm ${status === 'holds' ? '' : 'font-medium text-failed'}`}>{SAID[status]}</p>
      )}
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        {status !== 'running' && (
          <span className="figures">
            {checked.toLocaleString('en')} of {total.toLocaleString('en')} transfers
          </span>
        )}
        {hash !== null && (
          <span className="inline-flex items-center gap-1">
            head <Id id={hash} />
          </span>
        )}
        <Time at={endedAt ?? startedAt} />
      </p>
      {findings.length > 0 && (
        <ul className="grid gap-1 rounded-md border border-failed/30 bg-failed-soft p-3">
          {findings.map((finding) => (
            <li key={finding} className="font-mono text-xs break-words">
              {finding}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
