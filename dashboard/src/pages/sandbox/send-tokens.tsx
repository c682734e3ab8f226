import { useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { CausedEvents } from './caused-events.tsx';
import { useChosenCustomer } from './customer-picker.tsx';

interface Target {
  readonly id: string;
  readonly kind: 'wallet' | 'depositAddress';
  readonly address: string;
}

/** Wallets and deposit addresses of the customer: where tokens can be sent. */
function useTargets(customerId: string | undefined): Target[] | undefined {
  const enabled = customerId !== undefined;
  const params = { customerId: customerId ?? '' };
  const wallets = useProjectRead('GET /customers/:customerId/wallets', { params, query: {} }, { enabled });
  const addresses = useProjectRead(
    'GET /customers/:customerId/deposit-addresses',
    { params, query: {} },
    { enabled },
  );
  if (!wallets.data || !addresses.data) return undefined;
  return [
    ...wallets.data.data.map(({ id, address }) => ({ id, address, kind: 'wallet' as const })),
    ...addresses.data.data.map(({ id, source }) => ({
      id,
      address: source.depositInstructions.address,
      kind: 'depositAddress' as const,
    })),
  ];
}

/** A stranger, or somebody on a list, sends tokens to an address of ours. */
export function SendTokens() {
  const { customerId, picker, hasNone } = useChosenCustomer();
  const targets = useTargets(customerId);
  const [{ to }, setState] = useUrlState();
  const target = targets?.find(({ id }) => id === to) ?? targets?.[0];
  return (
    <Panel title="Send tokens">
      {hasNone ? (
        <NoTarget customerId="cst_…" />
      ) : !picker || !targets ? (
        <Skeleton lines={8} />
      ) : (
        <div className="grid gap-4">
          {picker}
          {target ? (
            <>
              <Select
                label="To"
                value={target.id}
                onValue={(next) => setState({ to: next })}
                options={targets.map(({ id, kind, address }) => ({
                  value: id,
                  label: `${kind === 'wallet' ? 'Wallet' : 'Deposit address'} ${shortened(address)} · ${shortened(id)}`,
                }))}
              />
              <Transfer key={target.id} target={target} />
            </>
          ) : (
            <NoTarget customerId={customerId ?? 'cst_…'} />
          )}
        </div>
      )}
    </Panel>
  );
}

const NoTarget = ({ customerId }: { readonly customerId: string }) => (
  <EmptyState
    title="No address to send to"
    action={
      <Curl
        route="POST /customers/:customerId/wallets"
        input={{ params: { customerId }, body: { asset: 'usdc', chain: 'polygon' } }}
      />
    }
  >
    A wallet or a deposit address of a customer is where tokens come in.
  </EmptyState>
);

const AMOUNTS = [
  { value: '100.00', label: '100.00' },
  { value: '0.000001', label: '0.000001 dust' },
  { value: '0.50', label: '0.50 below a deposit’s minimum' },
] as const;

function Transfer({ target }: { readonly target: Target }) {
  const may = useMay('simulate');
  const [token, setToken] = useState<'usdc' | 'other'>('usdc');
  const [from, setFrom] = useState<'stranger' | 'listed'>('stranger');
  const [value, setValue] = useState<string>(AMOUNTS[0].value);
  const toWallet = useProjectWrite('POST /wallets/:walletId/simulate', { showsProblem: true });
  const toAddress = useProjectWrite('POST /deposit-addresses/:depositAddressId/simulate', {
    showsProblem: true,
  });
  const isWallet = target.kind === 'wallet';
  const write = isWallet ? toWallet : toAddress;
  const walletInput = { params: { walletId: target.id }, body: { token, amount: { value }, from } };
  const addressInput = { params: { depositAddressId: target.id }, body: { amount: { value }, from } };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!may.allowed) return;
        if (isWallet) toWallet.mutate(walletInput);
        else toAddress.mutate(addressInput);
      }}
    >
      <div className="grid gap-2">
        <TextField
          label="Amount"
          unit={isWallet && token === 'other' ? 'OTHER' : 'USDC'}
          isMono
          inputMode="decimal"
          value={value}
          onValue={setValue}
          error={write.error?.fields['amount.value']}
        />
        <div className="flex flex-wrap gap-1.5">
          {AMOUNTS.map((amount) => (
            <button
              key={amount.value}
              type="button"
              onClick={() => setValue(amount.value)}
              className="figures inline-flex h-6 items-center rounded-full border border-line-strong px-2.5 text-xs text-soft hover:bg-hover"
            >
              {amount.label}
            </button>
          ))}
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        {isWallet && (
          <RadioGroup
            label="Token"
            name="token"
            value={token}
            onValue={setToken}
            options={[
              { value: 'usdc', label: 'USDC', hint: 'The right one: it is credited.' },
              { value: 'other', label: 'Another token', hint: 'Nobody knows it: it is ignored.' },
            ]}
          />
        )}
        <RadioGroup
          label="From"
          name="from"
          value={from}
          onValue={setFrom}
          options={[
            { value: 'stranger', label: 'A stranger', hint: 'An address that nobody knows.' },
            { value: 'listed', label: 'A listed sender', hint: 'Named by a sanctions list.' },
          ]}
        />
      </div>
      <FormProblem error={write.error} shown={['amount.value']} />
      {write.data && (
        <Sent target={target} token={isWallet ? token : 'usdc'} since={write.data.submittedAt} />
      )}
      <div className="flex flex-wrap items-start justify-between gap-3">
        {isWallet ? (
          <SameCall route="POST /wallets/:walletId/simulate" input={walletInput} />
        ) : (
          <SameCall route="POST /deposit-addresses/:depositAddressId/simulate" input={addressInput} />
        )}
        <Button type="submit" look="primary" may={may} isBusy={write.isPending}>
          Send
        </Button>
      </div>
    </form>
  );
}

const POLL_MS = 1_000;
const SHOWN_EVENTS = 5;

/** The chain takes its blocks; what follows is told by events of the target. */
function Sent({
  target,
  token,
  since,
}: {
  readonly target: Target;
  readonly token: 'usdc' | 'other';
  readonly since: string;
}) {
  const { id: projectId } = useProject();
  const { data: events } = useProjectRead(
    'GET /events',
    { query: { resource: target.id, createdAfter: since, limit: SHOWN_EVENTS } },
    { refetchInterval: POLL_MS },
  );
  return (
    <section aria-label="What it caused" role="status" className="grid gap-2">
      <h3 className="label">It is sent</h3>
      <p className="text-sm text-soft">
        To <ResourceLink id={target.id} /> at <Id id={target.address} />.
      </p>
      {token === 'other' ? (
        <p className="text-sm text-soft">
          No event tells of it. Once its block is final it is among the{' '}
          <Link to={`${paths.reconciliation(projectId)}?tab=ignored`}>ignored transfers</Link>.
        </p>
      ) : (
        <CausedEvents
          label="Events"
          events={(events?.data ?? []).toReversed()}
          none="Its block is awaited; events follow here."
        />
      )}
    </section>
  );
}
