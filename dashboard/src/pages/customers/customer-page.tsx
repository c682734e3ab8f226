import type { Customer } from '@openoms/contract/customers.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { projectQuery, usePages, useProjectRead } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { CashInsTable } from '../payments/cash-ins-table.tsx';
import { RequestsLink } from '../payments/requests-link.tsx';
import { TransactionsTable } from '../payments/transactions-table.tsx';
import { nameOf } from '../payments/words.ts';
import { AddWalletDialog } from './add-wallet-dialog.tsx';
import { CustomerAccounts } from './customer-accounts.tsx';
import { CustomerDetails } from './customer-details.tsx';
import { CustomerPayments } from './customer-payments.tsx';
import { CustomerWallets } from './customer-wallets.tsx';
import { EndorsementsPanel } from './endorsements-panel.tsx';

const inputOf = (customerId: string) => ({ params: { customerId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) => client.prefetchQuery(projectQuery(projectId, 'GET /customers/:customerId', inputOf(id)));

const TABS = ['overview', 'transactions', 'cash-ins', 'accounts'] as const;
const TAB_LABELS: Record<(typeof TABS)[number], string> = {
  overview: 'Overview',
  transactions: 'Transactions',
  'cash-ins': 'Cash-ins',
  accounts: 'Accounts',
};

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { id: projectId } = useProject();
  const { data, error, refetch } = useProjectRead('GET /customers/:customerId', inputOf(id));
  const [{ dialog }, setState] = useUrlState();
  const tab = useTab(TABS);
  const may = useMay('operate');
  if (!data)
    return (
      <>
        <PageHeader title="Customer" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />}
      </>
    );
  return (
    <>
      <PageHeader
        title={nameOf(data)}
        status={<Status status={data.status} />}
        note={<Id id={data.id} isWhole />}
        actions={
          <>
            <RequestsLink resourceId={data.id} />
            <Button
              look="primary"
              icon={<Plus size={14} aria-hidden />}
              may={may}
              onClick={() => setState({ dialog: 'wallet' })}
            >
              Add wallet
            </Button>
          </>
        }
      />
      <Tabs
        label="Of the customer"
        tabs={TABS.map((name) => ({
          label: TAB_LABELS[name],
          to: `${paths.customer(projectId, id)}${name === 'overview' ? '' : `?tab=${name}`}`,
          isCurrent: name === tab,
        }))}
      />
      {tab === 'overview' && <Overview customer={data} />}
      {tab === 'transactions' && <Transactions customer={data} />}
      {tab === 'cash-ins' && <CashIns customer={data} />}
      {tab === 'accounts' && <CustomerAccounts customerId={data.id} />}
      <AddWalletDialog
        customerId={data.id}
        isOpen={dialog === 'wallet' && may.allowed}
        onClose={() => setState({ dialog: undefined })}
      />
    </>
  );
}

const Overview = ({ customer }: { readonly customer: Customer }) => (
  <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
    <div className="grid min-w-0 gap-5">
      <CustomerWallets customer={customer} />
      <EndorsementsPanel customer={customer} />
      <CustomerPayments customerId={customer.id} />
    </div>
    <CustomerDetails customer={customer} />
  </div>
);

function Transactions({ customer }: { readonly customer: Customer }) {
  const query = usePages('GET /customers/:customerId/transactions', inputOf(customer.id));
  const wallet = customer.wallets[0];
  return (
    <Panel isFlush>
      <TransactionsTable
        query={query}
        isOfCustomer
        empty={
          <EmptyState
            title="No transactions of this customer"
            action={
              <Curl
                route="POST /quotes"
                input={{
                  body: {
                    customerId: customer.id,
                    source: {
                      walletId: wallet?.id ?? 'wlt_…',
                      asset: 'usdc',
                      network: 'polygon',
                      amount: '25.00',
                    },
                    destination: {
                      wallet: { blockchainAddress: '0x…' },
                      asset: 'usdc',
                      network: 'polygon',
                    },
                  },
                }}
              />
            }
          >
            Those in which the customer sends or receives are listed here. One begins with a quote.
          </EmptyState>
        }
      />
    </Panel>
  );
}

function CashIns({ customer }: { readonly customer: Customer }) {
  const query = usePages('GET /cash-ins', { query: { customerId: customer.id } });
  const wallet = customer.wallets[0];
  return (
    <Panel isFlush>
      <CashInsTable
        query={query}
        isOfCustomer
        empty={
          <EmptyState
            title="No cash-ins of this customer"
            action={
              <Curl
                route="POST /cash-ins"
                input={{
                  body: {
                    customerId: customer.id,
                    source: { asset: 'usd', indicatedAmount: '100.00' },
                    destination: {
                      wallet: { wallet: wallet?.id ?? 'wlt_…' },
                      asset: 'usdc',
                      network: 'polygon',
                    },
                    cash: { cashLocationId: 'loc_…', cashLocationReference: '…' },
                  },
                }}
              />
            }
          >
            A cash-in gives the customer a code for the counter of a shop. It needs the endorsement USD.
          </EmptyState>
        }
      />
    </Panel>
  );
}
