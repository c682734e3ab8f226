import type { Endorsement } from '@openoms/contract/customers.ts';
import { type FormEvent, useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import type { ProjectInput } from '../../api/routes.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox, RadioGroup } from '../../components/choice.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextArea } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { wordsOf } from '../../components/status.tsx';
import { ENDORSEMENTS, endorsementName } from './endorsement-words.ts';

type Body = NonNullable<ProjectInput<'POST /customers/:customerId/endorsements/simulate'>['body']>;
type Decision = Body['event'];

const DECISIONS = [
  { value: 'granted', label: 'Grant', hint: 'Of a pending or rejected endorsement.' },
  {
    value: 'documentsRequested',
    label: 'Ask for documents',
    hint: 'It is pending, and says what is missing.',
  },
  { value: 'rejected', label: 'Reject', hint: 'With the reason that the customer is told.' },
  { value: 'revoked', label: 'Revoke', hint: 'Takes away an active one.' },
] as const satisfies readonly { value: Decision; label: string; hint: string }[];

interface DecideDialogProps {
  readonly customerId: string;
  readonly endorsements: readonly Endorsement[];
  /** Chosen at first; all of them without one. */
  readonly first: string | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** What the identity reviewer of a sandbox decides. */
export const DecideDialog = ({ isOpen, onClose, ...rest }: DecideDialogProps) => (
  <Dialog
    isOpen={isOpen}
    onClose={onClose}
    title="Decide endorsements"
    note="In a sandbox you are the identity reviewer. Webhooks tell of what you decide."
  >
    <DecideForm onClose={onClose} {...rest} />
  </Dialog>
);

/** Which fields of the body a decision takes. */
function bodyOf(decision: Decision, endorsements: Body['endorsements'], text: string): Body {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const common = { event: decision, ...(endorsements && { endorsements }) };
  if (lines.length === 0 || decision === 'granted') return common;
  if (decision === 'documentsRequested') return { ...common, missing: lines };
  return { ...common, rejectionReasons: lines.map((reason) => ({ reason })) };
}

const TEXTS: Partial<Record<Decision, string>> = {
  documentsRequested: 'What is missing',
  rejected: 'Why',
  revoked: 'Why',
};

function DecideForm({ customerId, endorsements, first, onClose }: Omit<DecideDialogProps, 'isOpen'>) {
  const statusOf = (name: Endorsement['type']) => endorsements.find(({ type }) => type === name)?.status;
  const [decision, setDecision] = useState<Decision>(
    first !== undefined && endorsements.find(({ type }) => type === first)?.status === 'ACTIVE'
      ? 'revoked'
      : 'granted',
  );
  const [chosen, setChosen] = useState<readonly string[]>(first === undefined ? ENDORSEMENTS : [first]);
  const [text, setText] = useState('');
  const decide = useProjectWrite('POST /customers/:customerId/endorsements/simulate', {
    done: 'It is decided.',
    showsProblem: true,
    onDone: onClose,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (decide.isPending || chosen.length === 0) return;
    const names = ENDORSEMENTS.filter((name) => chosen.includes(name));
    decide.mutate({
      params: { customerId },
      // None named: those that the decision can be made of.
      body: bodyOf(decision, names.length === ENDORSEMENTS.length ? undefined : names, text),
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <RadioGroup
        label="Decision"
        name="decision"
        value={decision}
        options={DECISIONS}
        onValue={setDecision}
      />
      <fieldset className="grid gap-0.5">
        <legend className="mb-1 text-sm font-medium">Endorsements</legend>
        {ENDORSEMENTS.map((name) => (
          <Checkbox
            key={name}
            label={endorsementName(name)}
            hint={`Now: ${wordsOf(statusOf(name) ?? 'not asked for').toLowerCase()}`}
            checked={chosen.includes(name)}
            onValue={(isOn) => setChosen(isOn ? [...chosen, name] : chosen.filter((other) => other !== name))}
          />
        ))}
      </fieldset>
      {TEXTS[decision] !== undefined && (
        <TextArea
          label={TEXTS[decision]}
          hint="One a line. Empty: a reason that says who did it."
          value={text}
          onValue={setText}
        />
      )}
      <FormProblem error={decide.error} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          isBusy={decide.isPending}
          unavailable={chosen.length === 0 ? 'Choose an endorsement first.' : undefined}
        >
          {DECISIONS.find(({ value }) => value === decision)?.label}
        </Button>
      </Actions>
    </form>
  );
}
