import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Status, wordsOf } from '../../components/status.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { StatementLines } from '../reconciliation/statement-lines.tsx';

type Direction = 'debit' | 'credit';

/** Lines of the bank's statement, right or wrong, and how they were compared. */
export function BankStatement() {
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
      <Panel title="The bank lists a payment">
        <NewLine />
      </Panel>
      <Panel title="Statement lines" isFlush>
        <StatementLines />
      </Panel>
    </div>
  );
}

function NewLine() {
  const { id: projectId } = useProject();
  const may = useMay('simulate');
  const [{ payout = '' }] = useUrlState();
  const [direction, setDirection] = useState<Direction>('debit');
  const [amount, setAmount] = useState('');
  const [name, setName] = useState(payout);
  const list = useProjectWrite('POST /sandbox/statement-lines', { showsProblem: true });
  const fields = list.error?.fields ?? {};
  const trimmed = name.trim();
  const input = {
    body: {
      direction,
      amount,
      ...(trimmed !== '' &&
        (trimmed.startsWith('txn_') ? { transactionId: trimmed } : { reference: trimmed })),
    },
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (may.allowed) list.mutate(input);
      }}
    >
      <RadioGroup
        label="Direction"
        name="direction"
        value={direction}
        onValue={setDirection}
        options={[
          { value: 'debit', label: 'Debit', hint: 'Money left our account.' },
          { value: 'credit', label: 'Credit', hint: 'It came, or came back.' },
        ]}
      />
      <TextField
        label="Amount"
        unit="USD"
        isMono
        inputMode="decimal"
        placeholder="40.00"
        value={amount}
        onValue={setAmount}
        error={fields.amount}
      />
      <TextField
        label="Payout or reference"
        hint="The id of a transaction, or a trace number, IMAD or UETR. What fits no payment is a break."
        isMono
        placeholder="txn_…"
        value={name}
        onValue={setName}
        error={fields.transactionId ?? fields.reference}
      />
      <FormProblem error={list.error} shown={['amount', 'transactionId', 'reference']} />
      {list.data && (
        <section aria-label="What it caused" role="status">
          <h3 className="label pb-1">It was compared</h3>
          <DescriptionList
            items={[
              [
                'Outcome',
                <Status
                  key="s"
                  status={list.data.status}
                  tone={list.data.status === 'break' ? 'failed' : 'done'}
                />,
              ],
              ['Cause', list.data.cause === null ? undefined : wordsOf(list.data.cause)],
              [
                'Payout',
                list.data.transactionId === null ? undefined : (
                  <ResourceLink key="t" id={list.data.transactionId} />
                ),
              ],
            ]}
          />
          <p className="pt-2 text-sm">
            <Link to={`${paths.reconciliation(projectId)}?tab=statement`}>All statement lines</Link>
          </p>
        </section>
      )}
      <div className="grid gap-2">
        <Button type="submit" look="primary" may={may} isBusy={list.isPending}>
          List it
        </Button>
        <SameCall route="POST /sandbox/statement-lines" input={input} />
      </div>
    </form>
  );
}
