import type { Customer, Endorsement } from '@openoms/contract/customers.ts';
import type { ReactNode } from 'react';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { DecideDialog } from './decide-dialog.tsx';
import { ENDORSEMENT_USES, ENDORSEMENTS, endorsementName, requirementName } from './endorsement-words.ts';

/** What a customer may do, and what keeps them from the rest. */
export function EndorsementsPanel({ customer }: { readonly customer: Customer }) {
  const { mode } = useProject();
  const may = useMay('simulate');
  const [{ decide }, setState] = useUrlState();
  return (
    <Panel title="Endorsements" note="What the customer may do" isFlush>
      <ul className="grid divide-y divide-line">
        {ENDORSEMENTS.map((type) => (
          <EndorsementRow
            key={type}
            type={type}
            endorsement={customer.endorsements.find((other) => other.type === type)}
            action={
              mode === 'sandbox' && (
                <Button size="sm" may={may} onClick={() => setState({ decide: type })}>
                  Decide<span className="sr-only"> {endorsementName(type)}</span>
                </Button>
              )
            }
          />
        ))}
      </ul>
      <DecideDialog
        key={decide}
        customerId={customer.id}
        endorsements={customer.endorsements}
        first={decide === 'all' ? undefined : decide}
        isOpen={decide !== undefined && may.allowed}
        onClose={() => setState({ decide: undefined })}
      />
    </Panel>
  );
}

interface EndorsementRowProps {
  readonly type: Endorsement['type'];
  readonly endorsement: Endorsement | undefined;
  readonly action: ReactNode;
}

function EndorsementRow({ type, endorsement, action }: EndorsementRowProps) {
  const { requirements, rejectionReasons = [] } = endorsement ?? {};
  return (
    <li className="grid gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-sm">{endorsementName(type)}</h3>
        {endorsement ? <Status status={endorsement.status} /> : <Status status="Not asked for" tone="idle" />}
        <div className="ml-auto">{action}</div>
        <p className="basis-full text-xs text-muted">{ENDORSEMENT_USES[type]}</p>
      </div>
      <Needs label="Missing" mark="✕" tone="text-failed" names={requirements?.missing ?? []} />
      <Needs label="Issues" mark="!" tone="text-failed" names={requirements?.issues ?? []} />
      <Needs label="Under review" mark="…" tone="text-pending" names={requirements?.pending ?? []} />
      <Needs label="In order" mark="✓" tone="text-done" names={requirements?.complete ?? []} />
      {rejectionReasons.some(({ developerReason }) => developerReason) && (
        <p className="text-xs text-muted">
          For developers:{' '}
          <span className="font-mono">
            {rejectionReasons
              .map(({ developerReason }) => developerReason)
              .filter(Boolean)
              .join(', ')}
          </span>
        </p>
      )}
    </li>
  );
}

interface NeedsProps {
  readonly label: string;
  readonly mark: string;
  readonly tone: string;
  readonly names: readonly string[];
}

const Needs = ({ label, mark, tone, names }: NeedsProps) =>
  names.length === 0 ? null : (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-3 text-sm">
      <span className="text-xs text-muted">{label}</span>
      <ul className="flex min-w-0 flex-wrap gap-x-4 gap-y-0.5" aria-label={label}>
        {names.map((name) => (
          <li key={name} className="min-w-0 break-words">
            <span aria-hidden="true" className={`mr-1 font-medium ${tone}`}>
              {mark}
            </span>
            {requirementName(name)}
          </li>
        ))}
      </ul>
    </div>
  );
