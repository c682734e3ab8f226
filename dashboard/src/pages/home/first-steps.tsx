import type { Overview } from '@openoms/contract/console/project.ts';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { cx } from '../../components/class-names.ts';
import { Curl } from '../../components/curl.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { paths } from '../../paths.ts';

interface Step {
  readonly title: string;
  readonly isDone: boolean;
  readonly text: ReactNode;
  readonly call: ReactNode;
}

/** From nothing to the first payment, with the very next call opened. */
export function FirstSteps({ overview: { counts } }: { readonly overview: Overview }) {
  const { id, mode } = useProject();
  const steps: readonly Step[] = [
    {
      title: 'Create a customer',
      isDone: counts.customers > 0,
      text: (
        <>
          With a bearer token of one of your <Link to={paths.apiKeys(id)}>API keys</Link>.
          {mode === 'sandbox' && ' The sandbox reviews it within seconds.'}
        </>
      ),
      call: (
        <Curl
          route="POST /customers"
          input={{
            body: {
              type: 'individual',
              firstName: 'Jane',
              lastName: 'Smith',
              email: 'jane@example.com',
              phone: '+12125551234',
              nationality: 'US',
              endorsements: ['basic', 'cryptoCustody', 'usd'],
            },
          }}
        />
      ),
    },
    {
      title: 'Give them a wallet',
      isDone: counts.wallets > 0,
      text: 'An address of their own on the chain; the server keeps its keys.',
      call: (
        <Curl
          route="POST /customers/:customerId/wallets"
          input={{ params: { customerId: 'cst_…' }, body: { asset: 'usdc', chain: 'polygon' } }}
        />
      ),
    },
    {
      title: 'Be told of changes',
      isDone: counts.webhooks > 0,
      text: (
        <>
          Add an endpoint under <Link to={paths.webhooks(id)}>Webhooks</Link>, or with this call.
        </>
      ),
      call: <Curl route="POST /webhooks" input={{ body: { url: 'https://example.com/webhooks' } }} />,
    },
    {
      title: 'Take in the first cash',
      isDone: counts.transactions > 0,
      text:
        mode === 'sandbox' ? (
          <>
            Create a cash-in, then be the cashier at the <Link to={paths.till(id)}>till</Link>.
          </>
        ) : (
          'Create a cash-in and hand its code to the customer.'
        ),
      call: (
        <Curl
          route="POST /cash-ins"
          input={{
            body: {
              customerId: 'cst_…',
              destination: { wallet: { wallet: 'wlt_…' }, asset: 'usdc', network: 'polygon' },
              cash: { cashLocationId: 'loc_…', cashLocationReference: '…' },
              source: { asset: 'usd', indicatedAmount: '100.00' },
            },
          }}
        />
      ),
    },
  ];
  const next = steps.findIndex(({ isDone }) => !isDone);
  return (
    <Panel
      title="First steps"
      note={`${steps.filter(({ isDone }) => isDone).length} of ${steps.length}`}
      isFlush
    >
      <ol>
        {steps.map(({ title, isDone, text, call }, index) => (
          <li key={title} className="border-b border-line last:border-b-0">
            <details open={index === next}>
              <summary className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm hover:bg-hover focus-visible:-outline-offset-2">
                <span
                  aria-hidden="true"
                  className={cx(
                    'figures inline-flex size-5 items-center justify-center rounded-full border text-2xs',
                    isDone ? 'border-done bg-done-soft text-done' : 'border-line-input text-muted',
                  )}
                >
                  {isDone ? <Check size={12} aria-hidden /> : index + 1}
                </span>
                <span className={cx('font-medium', isDone && 'text-muted')}>{title}</span>
                {isDone && <span className="sr-only">(done)</span>}
              </summary>
              <div className="grid gap-3 px-4 pb-4 sm:pl-12">
                <p className="text-sm text-soft">{text}</p>
                {call}
              </div>
            </details>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
