import {
  BANK_REASONS,
  type BankRailName,
  type CorrectedField,
  type ReasonUse,
} from '@openoms/contract/bank-reasons.ts';
import type { TRANSACTION_EVENTS } from '@openoms/contract/simulations.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import { useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { cx } from '../../components/class-names.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status, wordsOf } from '../../components/status.tsx';
import { CustomerName } from '../payments/customer-name.tsx';
import { CausedEvents } from './caused-events.tsx';

type Happening = (typeof TRANSACTION_EVENTS)[number];

interface HappeningRow {
  readonly label: string;
  readonly hint: string;
  readonly verb: string;
  /** The reasons that it takes, by what they are used for. */
  readonly use?: ReasonUse;
  readonly isCodeOptional?: true;
}

const HAPPENINGS: Readonly<Record<Happening, HappeningRow>> = {
  payoutSettled: { label: 'Settle', hint: 'The money arrives.', verb: 'Settle' },
  payoutReturned: {
    label: 'Return',
    hint: 'The receiving bank sends it back; also after it settled.',
    verb: 'Return',
    use: 'return',
  },
  payoutRejected: {
    label: 'Reject',
    hint: 'It never leaves: the operator or the bank refuses it.',
    verb: 'Reject',
    use: 'rejection',
    isCodeOptional: true,
  },
  notificationOfChange: {
    label: 'Notify of a change',
    hint: 'It arrived, and the bank says what to write next time.',
    verb: 'Notify',
    use: 'change',
  },
  cashCollected: { label: 'Collect the cash', hint: 'The customer types the code.', verb: 'Collect' },
  cashPickupExpired: { label: 'Let it lapse', hint: 'Nobody came for the cash.', verb: 'Let it lapse' },
  underReview: {
    label: 'Put under review',
    hint: 'Screening wants a person to look at it. It goes on meanwhile.',
    verb: 'Put under review',
  },
};

const AT_A_BANK = ['payoutSettled', 'payoutReturned', 'payoutRejected', 'notificationOfChange'] as const;
const CASH = ['cashCollected', 'cashPickupExpired'] as const;

const CORRECTED: Readonly<Record<CorrectedField, string>> = {
  accountNumber: 'Account number',
  routingNumber: 'Routing number',
  accountType: 'Account type',
  ownerName: 'Name of the owner',
};

export function PayoutDesk({ transactionId }: { readonly transactionId: string }) {
  const { data: payout, error } = useProjectRead('GET /transactions/:transactionId', {
    params: { transactionId },
  });
  if (error && !payout) return <Problem error={error} />;
  if (!payout)
    return (
      <Panel>
        <Skeleton lines={8} />
      </Panel>
    );
  return (
    <div className="grid gap-6">
      <Slip payout={payout} />
      <Happen payout={payout} />
    </div>
  );
}

function Slip({ payout }: { readonly payout: Transaction }) {
  const { destination, source } = payout;
  const details = Object.entries(destination.bankDetails ?? {});
  return (
    <Panel title={<ResourceLink id={payout.id} />} actions={<Status status={payout.status} />}>
      <DescriptionList
        columns={2}
        items={[
          ['Arrives', <Amount key="a" amount={destination.amountNet} asset={destination.asset} />],
          ['Sent', <Amount key="s" amount={source.amountGross} asset={source.asset} />],
          [
            'Rail',
            <span key="r" className="font-mono text-xs uppercase">
              {destination.network}
            </span>,
          ],
          ['Sub-status', payout.subStatus && wordsOf(payout.subStatus)],
          ['Owner', destination.owner?.name],
          ...details.map(
            ([name, value]) =>
              [
                wordsOf(name),
                <span key={name} className="figures font-mono text-xs">
                  {value}
                </span>,
              ] as const,
          ),
          [
            'To account',
            destination.externalAccountId && (
              <Id key="e" id={destination.externalAccountId} canCopy={false} />
            ),
          ],
          ['Customer', payout.senderCustomerId && <CustomerName key="c" id={payout.senderCustomerId} />],
          ['Why it failed', payout.error?.message],
          [
            'Returned',
            payout.return && (
              <>
                <span className="font-mono text-xs">{payout.return.code}</span> {payout.return.reason}
              </>
            ),
          ],
          ['Refund', payout.refund && <Status key="f" status={payout.refund.status} />],
        ]}
      />
    </Panel>
  );
}

/** Why a bank, or the customer at the machine, cannot do it now; the server decides in the end. */
function unavailableFor({ status, cashPickup }: Transaction, event: Happening): string | undefined {
  if (event === 'underReview') return undefined;
  const isCash = cashPickup !== undefined;
  if ((CASH as readonly Happening[]).includes(event))
    return status === 'cashPickupReady' ? undefined : 'No cash waits to be collected.';
  if (isCash) return 'It is cash, and no bank has it.';
  if (status === 'failed') return 'It has failed, and its money is back.';
  if (status === 'completed' && (event === 'payoutSettled' || event === 'payoutRejected'))
    return 'It has settled already.';
  return undefined;
}

const isBankRail = (network: string): network is BankRailName => ['ach', 'wire', 'swift'].includes(network);

function Happen({ payout }: { readonly payout: Transaction }) {
  const may = useMay('simulate');
  const isCash = payout.cashPickup !== undefined || payout.destination.network === 'cash';
  const events: readonly Happening[] = [...(isCash ? CASH : AT_A_BANK), 'underReview'];
  const first = events.find((event) => unavailableFor(payout, event) === undefined) ?? 'underReview';
  const [wanted, setWanted] = useState<Happening>(first);
  const [code, setCode] = useState('');
  const [corrected, setCorrected] = useState<Partial<Record<CorrectedField, string>>>({});
  const happen = useProjectWrite('POST /transactions/:transactionId/simulate', { showsProblem: true });
  const { network } = payout.destination;
  const { use, isCodeOptional, verb } = HAPPENINGS[wanted];
  const reasons = BANK_REASONS.filter(
    ({ rails, uses }) => use && uses.includes(use) && isBankRail(network) && rails.includes(network),
  );
  const reason = reasons.find((each) => each.code === code) ?? (isCodeOptional ? undefined : reasons[0]);
  const fields = reason?.corrects ?? [];
  const input = {
    params: { transactionId: payout.id },
    body: {
      event: wanted,
      ...(reason && (wanted === 'payoutReturned' ? { returnCode: reason.code } : { code: reason.code })),
      ...(fields.length > 0 && {
        corrected: Object.fromEntries(fields.map((name) => [name, corrected[name] ?? ''])),
      }),
    },
  };
  const noReasons =
    use !== undefined && !isCodeOptional && reasons.length === 0
      ? `There is none on ${network.toUpperCase()}.`
      : undefined;
  const unavailable = unavailableFor(payout, wanted) ?? noReasons;
  return (
    <Panel title="What happens">
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed && unavailable === undefined) happen.mutate(input);
        }}
      >
        <div className={cx('grid gap-5', reasons.length > 0 && 'sm:grid-cols-2')}>
          <RadioGroup
            label={isCash ? 'At the machine' : 'The bank'}
            name="happening"
            value={wanted}
            onValue={(event) => {
              happen.reset();
              setCode('');
              setWanted(event);
            }}
            options={events.map((value) => ({
              value,
              label: HAPPENINGS[value].label,
              hint: HAPPENINGS[value].hint,
            }))}
          />
          <div className="grid content-start gap-4">
            {reasons.length > 0 && (
              <Select
                label="Reason"
                hint={
                  reason?.window === 'sixty_days'
                    ? 'Up to 60 days after it settled.'
                    : reason?.isRetryable
                      ? 'The same payment may succeed another time.'
                      : undefined
                }
                value={reason?.code ?? ''}
                onValue={setCode}
                error={happen.error?.fields.returnCode ?? happen.error?.fields.code}
                options={[
                  ...(isCodeOptional ? [{ value: '', label: 'The usual one of the rail' }] : []),
                  ...reasons.map((each) => ({ value: each.code, label: `${each.code} · ${each.title}` })),
                ]}
              />
            )}
            {fields.map((name) =>
              name === 'accountType' ? (
                <Select
                  key={name}
                  label={CORRECTED[name]}
                  value={corrected[name] ?? ''}
                  onValue={(value) => setCorrected({ ...corrected, [name]: value })}
                  error={happen.error?.fields[`corrected.${name}`]}
                  options={[
                    { value: '', label: 'Choose' },
                    { value: 'checking', label: 'Checking' },
                    { value: 'savings', label: 'Savings' },
                  ]}
                />
              ) : (
                <TextField
                  key={name}
                  label={CORRECTED[name]}
                  isMono={name !== 'ownerName'}
                  value={corrected[name] ?? ''}
                  onValue={(value) => setCorrected({ ...corrected, [name]: value })}
                  error={happen.error?.fields[`corrected.${name}`]}
                />
              ),
            )}
          </div>
        </div>
        <FormProblem
          error={happen.error}
          shown={['returnCode', 'code', ...fields.map((name) => `corrected.${name}`)]}
        />
        {happen.data && (
          <section aria-label="What it caused" role="status">
            <h3 className="label pb-1">It caused</h3>
            <CausedEvents label="Events" events={happen.data.events} />
          </section>
        )}
        <div className="flex flex-wrap items-start justify-between gap-3">
          <SameCall route="POST /transactions/:transactionId/simulate" input={input} />
          <Button type="submit" look="primary" may={may} unavailable={unavailable} isBusy={happen.isPending}>
            {verb}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
