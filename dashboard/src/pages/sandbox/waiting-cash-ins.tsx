import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { callProject } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Button } from '../../components/button.tsx';
import { ChoiceList } from '../../components/choice-list.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';

export const WAITING = { query: { status: 'pending' } } as const;

/** As tills read codes: spaces and case do not count. */
const plain = (code: string): string => code.replace(/[\s-]+/g, '').toUpperCase();

/** Cash-ins whose code is good, found by the code or picked. */
export function WaitingCashIns({ chosen }: { readonly chosen: string | undefined }) {
  const { id: projectId } = useProject();
  const query = usePages('GET /cash-ins', WAITING);
  const [code, setCode] = useState('');
  const all = query.data?.pages.flatMap(({ data }) => data);
  const shown = all?.filter(({ depositInstructions, id }) =>
    code === '' ? true : plain(depositInstructions?.code ?? '').includes(plain(code)) || id === code.trim(),
  );
  const pathOf = (id: string): string => `${paths.till(projectId)}?cashIn=${encodeURIComponent(id)}`;
  return (
    <Panel title="Waiting for cash" note={all && <span className="figures">{all.length}</span>} isFlush>
      <FindByCode code={code} onCode={setCode} found={shown?.[0]?.id} pathOf={pathOf} />
      <ChoiceList query={query} rows={shown} chosen={chosen} pathOf={pathOf}>
        {(row) => <WaitingCashIn cashIn={row} />}
      </ChoiceList>
      {all?.length === 0 && <NothingWaits />}
      {all && all.length > 0 && shown?.length === 0 && (
        <p className="px-4 py-6 text-sm text-muted">
          None of these has that code. Press Enter to look among all cash-ins.
        </p>
      )}
    </Panel>
  );
}

const WaitingCashIn = ({ cashIn }: { readonly cashIn: CashIn }) => (
  <span className="grid gap-0.5">
    <span className="flex items-baseline justify-between gap-3">
      <span className="font-mono text-base font-medium tracking-wide">
        {cashIn.depositInstructions?.code}
      </span>
      <Amount amount={cashIn.source.indicatedAmount} asset="usd" />
    </span>
    <span className="flex items-baseline justify-between gap-3 text-xs text-muted">
      <span className="truncate">{cashIn.location.name}</span>
      {cashIn.depositInstructions && (
        <span className="shrink-0">
          ends <Time at={cashIn.depositInstructions.expiresAt} />
        </span>
      )}
    </span>
  </span>
);

interface FindByCodeProps {
  readonly code: string;
  readonly onCode: (code: string) => void;
  /** The first of the list that has it. */
  readonly found: string | undefined;
  readonly pathOf: (cashInId: string) => string;
}

function FindByCode({ code, onCode, found, pathOf }: FindByCodeProps) {
  const { id: projectId } = useProject();
  const navigate = useNavigate();
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const go = (id: string): void => {
    const { pathname, search } = new URL(pathOf(id), 'http://page');
    void navigate({
      to: pathname,
      search: Object.fromEntries(new URLSearchParams(search)) as never,
      replace: true,
    });
  };
  const find = async (): Promise<void> => {
    setError(undefined);
    if (code.trim() === '') return;
    if (found !== undefined) return go(found);
    setBusy(true);
    try {
      const { data } = await callProject(projectId, 'GET /search', { query: { q: code.trim() } });
      const cashIn = data.find(({ type }) => type === 'cashIn');
      if (cashIn) go(cashIn.id);
      else setError('No cash-in of this project has that code.');
    } catch (problem) {
      setError(problemOf(problem).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="flex items-start gap-2 border-b border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <div className="min-w-0 flex-1">
        <TextField
          label="Deposit code"
          isLabelHidden
          placeholder="Code, or id"
          isMono
          value={code}
          error={error}
          onValue={(value) => {
            setError(undefined);
            onCode(value);
          }}
        />
      </div>
      <Button type="submit" icon={<Search size={14} aria-hidden />} isBusy={isBusy}>
        Find
      </Button>
    </form>
  );
}

const NothingWaits = () => (
  <EmptyState
    title="Nobody waits at a till"
    action={
      <Curl
        route="POST /cash-ins"
        input={{
          body: {
            customerId: 'cst_…',
            source: { asset: 'usd', indicatedAmount: '100.00' },
            destination: { wallet: { wallet: 'wlt_…' }, asset: 'usdc', network: 'polygon' },
            cash: { cashLocationId: 'loc_…', cashLocationReference: '…' },
          },
        }}
      />
    }
  >
    A cash-in waits here from when it has its code until cash is taken or its hour is over.
  </EmptyState>
);
