import type { Customer, ENDORSEMENT_NAMES, Endorsement } from '@openoms/contract/customers.ts';
import type { ENDORSEMENT_DECISIONS } from '@openoms/contract/simulations.ts';
import { useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox, RadioGroup } from '../../components/choice.tsx';
import { TextArea, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { paths } from '../../paths.ts';
import { endorsementName } from '../customers/endorsement-words.ts';
import { CausedEvents } from './caused-events.tsx';

type Name = (typeof ENDORSEMENT_NAMES)[number];
type Decision = (typeof ENDORSEMENT_DECISIONS)[number];

interface DecisionRow {
  readonly label: string;
  readonly verb: string;
  readonly hint: string;
  /** What it can be made of. */
  readonly from: readonly Endorsement['status'][];
}

const DECISIONS: Readonly<Record<Decision, DecisionRow>> = {
  granted: {
    label: 'Grant',
    verb: 'Grant',
    hint: 'Of what is pending or rejected.',
    from: ['PENDING', 'REJECTED'],
  },
  rejected: {
    label: 'Reject',
    verb: 'Reject',
    hint: 'With reasons: one for the customer, one for you.',
    from: ['PENDING', 'ACTIVE', 'REJECTED'],
  },
  documentsRequested: {
    label: 'Ask for documents',
    verb: 'Ask',
    hint: 'It stays pending, and says what is missing.',
    from: ['PENDING', 'REJECTED'],
  },
  revoked: {
    label: 'Revoke',
    verb: 'Revoke',
    hint: 'Takes away what was granted.',
    from: ['ACTIVE'],
  },
};

export const nameOf = ({ firstName, lastName, id }: Customer): string =>
  [firstName, lastName].filter(Boolean).join(' ') || id;

export function Verdict({ customerId }: { readonly customerId: string }) {
  const { data: customer, error } = useProjectRead('GET /customers/:customerId', { params: { customerId } });
  if (error && !customer) return <Problem error={error} />;
  if (!customer)
    return (
      <Panel>
        <Skeleton lines={8} />
      </Panel>
    );
  return (
    <div className="grid gap-6">
      <State customer={customer} />
      <Decide customer={customer} />
    </div>
  );
}

function State({ customer }: { readonly customer: Customer }) {
  const { id: projectId } = useProject();
  return (
    <Panel
      title={
        <Link to={paths.customer(projectId, customer.id)} look="plain" className="hover:underline">
          {nameOf(customer)}
        </Link>
      }
      note={<Id id={customer.id} />}
      isFlush
    >
      <ul aria-label="Endorsements" className="divide-y divide-line">
        {customer.endorsements.map((endorsement) => (
          <li
            key={endorsement.type}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 px-4 py-2.5 sm:grid-cols-[9rem_minmax(0,1fr)_auto]"
          >
            <span className="font-medium">{endorsementName(endorsement.type)}</span>
            <Why endorsement={endorsement} />
            <span className="justify-self-start">
              <Status status={endorsement.status} />
            </span>
          </li>
        ))}
      </ul>
      {customer.endorsements.length === 0 && (
        <p className="p-4 text-sm text-muted">
          Nothing was asked of the reviewer for this customer. A verdict gives all there are.
        </p>
      )}
    </Panel>
  );
}

function Why({ endorsement: { rejectionReasons, requirements } }: { readonly endorsement: Endorsement }) {
  const lines = [
    ...rejectionReasons.map(({ reason, developerReason }) => `${reason} (${developerReason})`),
    ...requirements.missing.map((missing) => `Missing: ${missing}`),
    ...requirements.issues.map((issue) => `Issue: ${issue}`),
    ...requirements.pending.map((pending) => `Pending: ${pending}`),
  ];
  return (
    <ul className="min-w-0 text-sm text-soft max-sm:order-1 max-sm:col-span-2">
      {lines.map((line) => (
        <li key={line} className="break-words">
          {line}
        </li>
      ))}
    </ul>
  );
}

interface Draft {
  readonly decision: Decision;
  readonly chosen: readonly Name[];
  readonly reason: string;
  readonly developerReason: string;
  readonly missing: string;
  readonly issues: string;
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** The body of the call: only the fields that the decision takes. */
function bodyOf({ decision, chosen, reason, developerReason, missing, issues }: Draft) {
  const [missingLines, issueLines] = [linesOf(missing), linesOf(issues)];
  return {
    event: decision,
    ...(chosen.length > 0 && { endorsements: [...chosen] }),
    ...((decision === 'rejected' || decision === 'revoked') &&
      reason.trim() !== '' && {
        rejectionReasons: [
          {
            reason: reason.trim(),
            ...(developerReason.trim() !== '' && { developerReason: developerReason.trim() }),
          },
        ],
      }),
    ...(decision === 'documentsRequested' && {
      ...(missingLines.length > 0 && { missing: missingLines }),
      ...(issueLines.length > 0 && { issues: issueLines }),
    }),
  };
}

function Decide({ customer }: { readonly customer: Customer }) {
  const may = useMay('simulate');
  const [draft, setDraft] = useState<Draft>({
    decision: 'granted',
    chosen: [],
    reason: '',
    developerReason: '',
    missing: '',
    issues: '',
  });
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const decide = useProjectWrite('POST /customers/:customerId/endorsements/simulate', {
    showsProblem: true,
  });
  const { label, verb, from } = DECISIONS[draft.decision];
  const able = customer.endorsements.filter(({ status }) => from.includes(status));
  const chosen = draft.chosen.filter((name) => able.some(({ type }) => type === name));
  const input = { params: { customerId: customer.id }, body: bodyOf({ ...draft, chosen }) };
  const unavailable =
    customer.endorsements.length > 0 && able.length === 0
      ? `No endorsement is ${from.join(' or ').toLowerCase()}.`
      : undefined;
  return (
    <Panel title="Verdict">
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && unavailable === undefined) decide.mutate(input);
        }}
      >
        <div className="grid gap-5 sm:grid-cols-2">
          <RadioGroup
            label="Decision"
            name="decision"
            value={draft.decision}
            onValue={(decision) => {
              decide.reset();
              set({ decision });
            }}
            options={(Object.keys(DECISIONS) as Decision[]).map((value) => ({
              value,
              label: DECISIONS[value].label,
              hint: DECISIONS[value].hint,
            }))}
          />
          <fieldset className="min-w-0">
            <legend className="mb-1 text-sm font-medium">Of</legend>
            {customer.endorsements.map(({ type, status }) => {
              const isAble = from.includes(status);
              return (
                <Checkbox
                  key={type}
                  label={endorsementName(type)}
                  hint={isAble ? undefined : `${label} is not for what is ${status.toLowerCase()}.`}
                  checked={chosen.includes(type)}
                  disabled={!isAble}
                  onValue={(isOn) =>
                    set({ chosen: isOn ? [...chosen, type] : chosen.filter((name) => name !== type) })
                  }
                />
              );
            })}
            <p className="pt-1 text-xs text-muted">With none chosen: all of which it can be decided.</p>
          </fieldset>
        </div>
        <DecisionFields draft={draft} onChange={set} fields={decide.error?.fields ?? {}} />
        <FormProblem
          error={decide.error}
          shown={['rejectionReasons.0.reason', 'rejectionReasons.0.developerReason', 'missing', 'issues']}
        />
        {decide.data && (
          <section aria-label="What it caused" role="status">
            <h3 className="label pb-1">It caused</h3>
            <CausedEvents
              label="Events"
              events={decide.data.events}
              none="Nothing changed: it was decided so already."
            />
          </section>
        )}
        <div className="flex flex-wrap items-start justify-between gap-3">
          <SameCall route="POST /customers/:customerId/endorsements/simulate" input={input} />
          <Button type="submit" look="primary" may={may} unavailable={unavailable} isBusy={decide.isPending}>
            {verb}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

interface DecisionFieldsProps {
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly fields: Readonly<Record<string, string>>;
}

function DecisionFields({ draft, onChange, fields }: DecisionFieldsProps) {
  if (draft.decision === 'granted') return null;
  if (draft.decision === 'documentsRequested')
    return (
      <div className="grid gap-4 sm:grid-cols-2">
        <TextArea
          label="Missing"
          hint="One in each line."
          placeholder="proof_of_address"
          value={draft.missing}
          error={fields.missing}
          onValue={(missing) => onChange({ missing })}
        />
        <TextArea
          label="Issues"
          hint="One in each line."
          placeholder="The photo cannot be read."
          value={draft.issues}
          error={fields.issues}
          onValue={(issues) => onChange({ issues })}
        />
      </div>
    );
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label="Reason for the customer"
        placeholder="The photo cannot be read."
        value={draft.reason}
        error={fields['rejectionReasons.0.reason']}
        onValue={(reason) => onChange({ reason })}
      />
      <TextField
        label="Reason for the developer"
        placeholder="document_unreadable"
        isMono
        value={draft.developerReason}
        error={fields['rejectionReasons.0.developerReason']}
        onValue={(developerReason) => onChange({ developerReason })}
      />
    </div>
  );
}
