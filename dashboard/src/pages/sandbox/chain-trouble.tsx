import type { TroubleKind } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Switch } from '../../components/choice.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { paths } from '../../paths.ts';

const SWITCHES = [
  ['chain.reorg', 'Reorganisations'],
  ['chain.stuckNonce', 'Stuck nonce'],
  ['chain.feeSpike', 'Fee spike'],
  ['chain.rpcDown', 'Node is down'],
  ['chain.stalledFinality', 'Stalled finality'],
] as const satisfies readonly (readonly [TroubleKind, string])[];

const POLL_MS = 5_000;

/** Trouble of the chain as switches; how much of it is set on the page of trouble. */
export function ChainTrouble() {
  const { id: projectId } = useProject();
  const may = useMay('simulate');
  const rules = useProjectRead('GET /sandbox/trouble', {}, { refetchInterval: POLL_MS });
  const make = useProjectWrite('POST /sandbox/trouble');
  const end = useProjectWrite('DELETE /sandbox/trouble/:troubleId');
  const isBusy = make.isPending || end.isPending;
  const turn = (kind: TroubleKind, isOn: boolean): void => {
    if (isOn) make.mutate({ body: { kind } });
    else
      for (const { id, kind: of } of rules.data?.data ?? [])
        if (of === kind) end.mutate({ params: { troubleId: id } });
  };
  return (
    <Panel
      title="Trouble of the chain"
      actions={
        <Link to={paths.trouble(projectId)} className="text-xs">
          All trouble
        </Link>
      }
    >
      {rules.error && !rules.data ? (
        <Problem error={rules.error} onRetry={() => void rules.refetch()} />
      ) : !rules.data ? (
        <Skeleton lines={5} />
      ) : (
        <div className="grid gap-1.5">
          {SWITCHES.map(([kind, name]) => {
            const own = rules.data.data.filter((rule) => rule.kind === kind && rule.isOn);
            const happened = own.reduce((sum, rule) => sum + rule.happened, 0);
            return (
              <Switch
                key={kind}
                label={
                  <>
                    {name}
                    {own.length > 0 && (
                      <span className="figures ml-2 text-xs text-muted">happened {happened} times</span>
                    )}
                  </>
                }
                hint={TROUBLE_KINDS[kind].does}
                checked={own.length > 0}
                disabled={!may.allowed || isBusy}
                onValue={(isOn) => turn(kind, isOn)}
              />
            );
          })}
          <p className="pt-1 text-xs text-muted">
            The chain is that of every project of the instance, and so is its trouble.
          </p>
          {!may.allowed && <p className="text-xs text-pending">{may.reason}</p>}
          <SameCall route="POST /sandbox/trouble" input={{ body: { kind: 'chain.reorg' } }} />
        </div>
      )}
    </Panel>
  );
}
