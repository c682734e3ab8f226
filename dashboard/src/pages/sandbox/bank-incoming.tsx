import type { VirtualAccount } from '@openoms/contract/virtual-accounts.ts';
import { useState } from 'react';
import { usePages, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status, wordsOf } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { CausedEvents } from './caused-events.tsx';
import { useChosenCustomer } from './customer-picker.tsx';

const RAILS = [
  { value: 'ach_in', label: 'ACH', hint: 'In batches, with a trace number.' },
  { value: 'wire_in', label: 'Wire', hint: 'Fedwire, the same day, with an IMAD.' },
  { value: 'rtp_in', label: 'RTP', hint: 'At once, at any hour.' },
  { value: 'swift_in', label: 'SWIFT', hint: 'From abroad, with a UETR.' },
] as const;
type Rail = (typeof RAILS)[number]['value'];

/** Money that comes in to virtual accounts. */
export function BankIncoming() {
  const { customerId, picker, hasNone } = useChosenCustomer();
  const accounts = useProjectRead(
    'GET /customers/:customerId/virtual-accounts',
    { params: { customerId: customerId ?? '' }, query: {} },
    { enabled: customerId !== undefined },
  );
  const [{ to }, setState] = useUrlState();
  if (hasNone) return <NoAccount customerId="cst_…" />;
  if (!picker || !accounts.data)
    return (
      <Panel>
        <Skeleton lines={8} />
      </Panel>
    );
  const account = accounts.data.data.find(({ id }) => id === to) ?? accounts.data.data[0];
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
      <Panel title="A bank sends money">
        <div className="grid gap-4">
          {picker}
          {account && (
            <Select
              label="To the virtual account"
              value={account.id}
              onValue={(next) => setState({ to: next })}
              options={accounts.data.data.map(({ id, label, bankDetails }) => ({
                value: id,
                label: `${label ?? 'Account'} · ${bankDetails.accountNumber}`,
              }))}
            />
          )}
          {account && <Send key={account.id} account={account} />}
        </div>
      </Panel>
      {account ? (
        <Deposits account={account} />
      ) : (
        <Panel>
          <NoAccount customerId={customerId ?? 'cst_…'} />
        </Panel>
      )}
    </div>
  );
}

const NoAccount = ({ customerId }: { readonly customerId: string }) => (
  <EmptyState
    title="No virtual account"
    action={
      <Curl
        route="POST /customers/:customerId/virtual-accounts"
        input={{
          params: { customerId },
          body: {
            source: { asset: 'usd', network: 'usBank' },
            destination: { wallet: { wallet: 'wlt_…' }, asset: 'usdc', network: 'polygon' },
          },
        }}
      />
    }
  >
    A virtual account is a bank account number of the customer’s own; dollars that come to it are converted
    and delivered to a wallet.
  </EmptyState>
);

function Send({ account }: { readonly account: VirtualAccount }) {
  const may = useMay('simulate');
  const [rail, setRail] = useState<Rail>('ach_in');
  const [value, setValue] = useState('250.00');
  const [senderName, setSender] = useState('');
  const [memo, setMemo] = useState('');
  const send = useProjectWrite('POST /virtual-accounts/:virtualAccountId/simulate', { showsProblem: true });
  const fields = send.error?.fields ?? {};
  const input = {
    params: { virtualAccountId: account.id },
    body: {
      rail,
      amount: { value, currency: 'USD' },
      ...(senderName.trim() !== '' && { senderName: senderName.trim() }),
      ...(memo.trim() !== '' && { memo: memo.trim() }),
    },
  } as const;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (may.allowed) send.mutate(input);
      }}
    >
      <RadioGroup label="Rail" name="rail" value={rail} onValue={setRail} options={RAILS} />
      <TextField
        label="Amount"
        unit="USD"
        isMono
        inputMode="decimal"
        value={value}
        onValue={setValue}
        error={fields['amount.value']}
      />
      <TextField
        label="Sender"
        placeholder="Acme Payroll"
        hint="Listed Sender is on a sanctions list."
        value={senderName}
        onValue={setSender}
        error={fields.senderName}
      />
      <TextField label="Memo" value={memo} onValue={setMemo} error={fields.memo} />
      <FormProblem error={send.error} shown={['amount.value', 'senderName', 'memo']} />
      {send.data && (
        <section aria-label="What it caused" role="status">
          <h3 className="label pb-1">It caused</h3>
          <CausedEvents label="Events" events={send.data.events} />
        </section>
      )}
      <div className="grid gap-2">
        <Button type="submit" look="primary" may={may} isBusy={send.isPending}>
          Send
        </Button>
        <SameCall route="POST /virtual-accounts/:virtualAccountId/simulate" input={input} />
      </div>
    </form>
  );
}

function Deposits({ account }: { readonly account: VirtualAccount }) {
  const query = usePages('GET /virtual-accounts/:virtualAccountId/deposits', {
    params: { virtualAccountId: account.id },
    query: {},
  });
  return (
    <Panel
      title="What came in"
      note={account.status !== 'active' && <Status status={account.status} />}
      isFlush
    >
      <PagedTable
        label="Deposits of the virtual account"
        query={query}
        keyOf={({ id }) => id}
        empty={
          <EmptyState title="Nothing has come in yet">What you send here shows within a second.</EmptyState>
        }
        columns={[
          {
            id: 'amount',
            label: 'Amount',
            width: 'minmax(7rem,1fr)',
            cell: ({ amount, asset }) => <Amount amount={amount} asset={asset} />,
          },
          {
            id: 'status',
            label: 'Status',
            width: 'minmax(8rem,1.2fr)',
            cell: ({ status, reason }) => (
              <span title={reason && wordsOf(reason)}>
                <Status status={status} />
              </span>
            ),
          },
          {
            id: 'rail',
            label: 'Rail',
            width: '4.5rem',
            cell: ({ rail }) => (
              <span className="font-mono text-xs uppercase">{rail.replace('_in', '')}</span>
            ),
          },
          {
            id: 'sender',
            label: 'Sender',
            width: 'minmax(6rem,1.2fr)',
            cell: ({ senderName }) => senderName,
          },
          {
            id: 'transaction',
            label: 'Transaction',
            width: 'minmax(7rem,1fr)',
            cell: ({ transactionId }) =>
              transactionId === undefined ? (
                <span className="text-muted">–</span>
              ) : (
                <ResourceLink id={transactionId} />
              ),
          },
          { id: 'at', label: 'When', width: '5rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
        ]}
      />
    </Panel>
  );
}
