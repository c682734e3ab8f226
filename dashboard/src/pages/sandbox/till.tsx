import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { useRouter } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/class-names.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { SameCall } from '../../components/same-call.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { isAmountSoFar, Keypad } from './keypad.tsx';
import { TillReceipt } from './till-receipt.tsx';
import { type Sale, useSale } from './till-sale.ts';

/** While cash is on its way its states follow each other within a second. */
const UNDER_WAY_MS = 1_000;
const URL_PAUSE_MS = 400;

export function Till({ cashInId }: { readonly cashInId: string | undefined }) {
  if (cashInId === undefined)
    return (
      <Panel>
        <EmptyState title="The till is open">
          Choose who waits, or type the code that a customer shows. Cash that is taken here becomes money in
          the customer’s wallet within seconds.
        </EmptyState>
      </Panel>
    );
  return <OpenTill cashInId={cashInId} />;
}

function OpenTill({ cashInId }: { readonly cashInId: string }) {
  const [isUnderWay, setUnderWay] = useState(false);
  const { data: cashIn, error } = useProjectRead(
    'GET /cash-ins/:cashInId',
    { params: { cashInId } },
    { refetchInterval: isUnderWay ? UNDER_WAY_MS : false },
  );
  const sale = useSale(cashIn);
  const status = cashIn?.status;
  useEffect(() => {
    setUnderWay(status === 'processing' || (sale.step === 'taken' && status === 'pending'));
  }, [status, sale.step]);
  if (error && !cashIn) return <Problem error={error} />;
  if (!cashIn)
    return (
      <Panel>
        <Skeleton lines={8} />
      </Panel>
    );
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_minmax(0,19rem)]">
      <Register cashIn={cashIn} sale={sale} />
      <TillReceipt cashIn={cashIn} sale={sale} />
    </div>
  );
}

const LOCKED: Readonly<Record<Exclude<CashIn['status'], 'pending'>, string>> = {
  processing: 'The cash is taken.',
  completed: 'The cash is taken and delivered.',
  expired: 'The hour of the code is over.',
  failed: 'The order has failed.',
};

/** Why nothing can be taken for it now. */
const lockOf = ({ status }: CashIn): string | undefined =>
  status === 'pending' ? undefined : LOCKED[status];

interface RegisterProps {
  readonly cashIn: CashIn;
  readonly sale: Sale;
}

function Register({ cashIn, sale }: RegisterProps) {
  const may = useMay('simulate');
  const [{ amount: fromUrl }, setUrl] = useUrlState();
  const first = cashIn.source.amount ?? cashIn.source.indicatedAmount;
  const [amount, setAmount] = useState(fromUrl ?? first);
  const input = useRef<HTMLInputElement>(null);
  const lock = sale.step === 'taken' ? LOCKED.processing : lockOf(cashIn);
  const isOff = lock !== undefined;
  const router = useRouter();
  useEffect(() => {
    if (amount === (fromUrl ?? first)) return;
    const timer = setTimeout(() => {
      // Whoever is leaving is not called back.
      if (router.state.status !== 'pending') setUrl({ amount });
    }, URL_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [amount, fromUrl, first, router, setUrl]);
  useEffect(() => {
    // With fingers the keys on the screen are at hand, and the system's own would cover them.
    if (isOff || !window.matchMedia('(pointer: fine)').matches) return;
    input.current?.focus();
    input.current?.select();
  }, [isOff]);
  const change = (next: string): void => {
    if (!isAmountSoFar(next)) return;
    setAmount(next);
    if (sale.step === 'declined' || sale.error) sale.startAgain();
  };
  const missing = /[1-9]/.test(amount) ? undefined : 'Enter an amount first.';
  const step = sale.step === 'authorized' ? 'take' : 'authorize';
  return (
    <form
      aria-label="Cash register"
      className="grid min-w-0 gap-3 rounded-xl border border-line-strong bg-sunken p-3 sm:p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isOff || missing !== undefined || sale.isBusy || !may.allowed) return;
        if (step === 'take') sale.take(amount);
        else sale.authorize(amount);
      }}
    >
      <Display cashIn={cashIn} sale={sale} amount={amount} onAmount={change} input={input} isOff={isOff} />
      <Presets cashIn={cashIn} onAmount={change} isOff={isOff} />
      <Keypad amount={amount} onAmount={change} isOff={isOff} />
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-2">
        <Button
          className="h-12!"
          onClick={() => sale.startAgain()}
          unavailable={
            sale.step === 'authorized' || sale.step === 'declined' ? undefined : 'Nothing is authorized.'
          }
        >
          Void
        </Button>
        <Button
          type="submit"
          look="primary"
          className="h-12! text-base!"
          may={may}
          unavailable={lock ?? missing}
          isBusy={sale.isBusy}
        >
          {step === 'take' ? 'Take the cash' : 'Authorize'}
        </Button>
      </div>
      <OrderHands cashIn={cashIn} />
      <SaleCall cashIn={cashIn} sale={sale} amount={amount} />
    </form>
  );
}

interface DisplayProps extends RegisterProps {
  readonly amount: string;
  readonly onAmount: (amount: string) => void;
  readonly input: React.RefObject<HTMLInputElement | null>;
  readonly isOff: boolean;
}

const SAYS: Readonly<Record<Sale['step'], { readonly text: string; readonly tone: string }>> = {
  amount: { text: 'Ready', tone: 'text-muted' },
  authorized: { text: 'Approved · take the cash', tone: 'text-done' },
  declined: { text: 'Declined', tone: 'text-failed' },
  taken: { text: 'Cash taken', tone: 'text-done' },
};

function Display({ cashIn, sale, amount, onAmount, input, isOff }: DisplayProps) {
  const { text, tone } = SAYS[sale.step];
  const { error, authorized } = sale;
  const isDeclined = sale.step === 'declined';
  return (
    <div className="grid gap-1 rounded-lg border border-line-strong bg-surface px-4 pt-3 pb-2 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-accent">
      <div className="flex items-baseline justify-between gap-3">
        <span className="font-mono text-sm tracking-wider">{cashIn.depositInstructions?.code ?? '–'}</span>
        <Status status={cashIn.status} />
      </div>
      <label className="flex items-baseline gap-2">
        <span className="sr-only">Amount in US dollars</span>
        <span aria-hidden="true" className="font-mono text-2xl text-muted">
          $
        </span>
        <input
          ref={input}
          inputMode="decimal"
          autoComplete="off"
          value={amount}
          placeholder="0.00"
          readOnly={isOff}
          onChange={(event) => onAmount(event.target.value)}
          className="figures h-16 w-full min-w-0 bg-transparent text-right font-mono text-[44px] leading-none font-medium tracking-tight outline-none placeholder:text-line-input"
        />
      </label>
      <p
        role="status"
        className={cx('min-h-10 border-t border-line pt-2 text-sm', error ? 'text-failed' : tone)}
      >
        {error ? (
          <>
            <span className="font-medium">{error.message}</span>
            {Object.entries(error.fields).map(([field, issue]) => (
              <span key={field} className="block text-xs">
                {field} {issue}
              </span>
            ))}
          </>
        ) : isDeclined ? (
          <>
            {text} <span className="font-mono">{authorized?.reply.responseCode}</span> ·{' '}
            {authorized?.reply.responseText}
          </>
        ) : (
          (lockOf(cashIn) ?? text)
        )}
      </p>
    </div>
  );
}

/** Amounts at hand: what was indicated, and those that the catalogue says are declined. */
function Presets({
  cashIn,
  onAmount,
  isOff,
}: {
  readonly cashIn: CashIn;
  readonly onAmount: (amount: string) => void;
  readonly isOff: boolean;
}) {
  const { data: magic } = useProjectRead('GET /sandbox/magic-values', {});
  const declined = magic?.data.filter(({ operation }) => operation === 'simulateBarcodeAuth') ?? [];
  const usual = [...new Set([cashIn.source.indicatedAmount, '20.00', '100.00', '250.00'])];
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap gap-1.5">
        {usual.map((value) => (
          <Preset key={value} isOff={isOff} onPress={() => onAmount(value)}>
            {value}
          </Preset>
        ))}
        <Preset isOff={isOff} onPress={() => onAmount('2000.00')}>
          2000.00 <span className="text-muted">over the limit</span>
        </Preset>
      </div>
      {declined.length > 0 && (
        <details className="group text-xs">
          <summary className="inline-flex h-6 items-center gap-1 rounded-sm text-muted hover:text-ink">
            <ChevronRight size={13} aria-hidden className="transition-transform group-open:rotate-90" />
            Amounts that are declined
          </summary>
          <div className="flex flex-wrap gap-1.5 pt-1.5">
            {declined.map(({ name, value }) => (
              <Preset key={name} isOff={isOff} onPress={() => onAmount(value)}>
                {value} <span className="text-muted">{name.replace('till-', 'code ')}</span>
              </Preset>
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

const Preset = ({
  children,
  onPress,
  isOff,
}: {
  readonly children: React.ReactNode;
  readonly onPress: () => void;
  readonly isOff: boolean;
}) => (
  <button
    type="button"
    aria-disabled={isOff || undefined}
    onClick={() => !isOff && onPress()}
    className={cx(
      'figures inline-flex h-7 items-center gap-1 rounded-full border border-line-strong bg-surface px-2.5 text-xs',
      isOff ? 'opacity-60' : 'hover:bg-hover',
    )}
  >
    {children}
  </button>
);

/** What the network itself may do with the order. */
function OrderHands({ cashIn }: { readonly cashIn: CashIn }) {
  const may = useMay('simulate');
  const mayOperate = useMay('operate');
  const end = useProjectWrite('POST /cash-ins/:cashInId/simulate');
  const refresh = useProjectWrite('POST /cash-ins/:cashInId/refresh', { done: 'It has a new code' });
  const params = { cashInId: cashIn.id };
  const isOver = cashIn.status === 'pending' ? undefined : 'Its cash is taken, or it is over.';
  const canRefresh =
    cashIn.status === 'expired' || cashIn.status === 'pending'
      ? undefined
      : 'Its cash is taken, or it failed.';
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3 text-xs text-muted">
      {cashIn.depositInstructions && cashIn.status === 'pending' && (
        <span className="basis-full">
          The code ends <Time at={cashIn.depositInstructions.expiresAt} />
        </span>
      )}
      <Button
        size="sm"
        may={may}
        unavailable={isOver}
        isBusy={end.isPending && end.variables?.body.event === 'codeExpired'}
        onClick={() => end.mutate({ params, body: { event: 'codeExpired' } })}
      >
        Let it expire
      </Button>
      <Button
        size="sm"
        may={may}
        unavailable={isOver}
        isBusy={end.isPending && end.variables?.body.event === 'orderDeclined'}
        onClick={() => end.mutate({ params, body: { event: 'orderDeclined' } })}
      >
        Decline the order
      </Button>
      <Button
        size="sm"
        may={mayOperate}
        unavailable={canRefresh}
        isBusy={refresh.isPending}
        onClick={() => refresh.mutate({ params })}
      >
        New code
      </Button>
    </div>
  );
}

function SaleCall({ cashIn, sale, amount }: RegisterProps & { readonly amount: string }) {
  const { authorized } = sale;
  if (sale.step !== 'authorized' || !authorized)
    return (
      <SameCall
        route="POST /cash-ins/simulate/barcode-auth"
        input={{ body: { barcode: cashIn.depositInstructions?.code ?? '', amount } }}
      />
    );
  const { accountNumber, accountReferenceNumber, confirmationId } = authorized.reply;
  return (
    <SameCall
      route="POST /cash-ins/simulate/auth-commit"
      input={{
        body: { accountNumber, accountReferenceNumber, amount, originalConfirmationId: confirmationId },
      }}
    />
  );
}
