import type { DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import type { ExternalAccount } from '@openoms/contract/external-accounts.ts';
import type { VirtualAccount } from '@openoms/contract/virtual-accounts.ts';
import { usePages } from '../../api/queries.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { networkName } from '../payments/words.ts';

const mono = (text: string | undefined) =>
  text === undefined ? (
    <span className="text-muted">–</span>
  ) : (
    <span className="font-mono text-xs">{text}</span>
  );

const created = <Row extends { readonly createdAt: string }>(): Column<Row> => ({
  id: 'created',
  label: 'Created',
  width: '6.5rem',
  align: 'end',
  cell: ({ createdAt }) => <Time at={createdAt} />,
});

const EXTERNAL: readonly Column<ExternalAccount>[] = [
  { id: 'owner', label: 'Owner', width: 'minmax(8rem,1fr)', cell: ({ owner }) => owner.name },
  { id: 'rail', label: 'Rail', width: '6rem', cell: ({ network }) => networkName(network) },
  {
    id: 'status',
    label: 'Status',
    width: '7.5rem',
    cell: ({ status }) => <Status status={status} tone={ACCOUNT_TONES[status]} />,
  },
  {
    id: 'account',
    label: 'Account',
    width: 'minmax(10rem,1.4fr)',
    cell: ({ bankDetails: { bankName, accountNumber, iban, last4, address, brand } }) =>
      address === undefined ? (
        <>
          {mono(accountNumber ?? iban ?? (last4 && `**** ${last4}`))}
          <span className="ml-2 text-muted">{bankName ?? brand}</span>
        </>
      ) : (
        <Id id={address} />
      ),
  },
  { id: 'id', label: 'Id', width: '10.5rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  created(),
];
const ACCOUNT_TONES = { pending: 'pending', verified: 'done', declined: 'failed' } as const;

const VIRTUAL: readonly Column<VirtualAccount>[] = [
  {
    id: 'name',
    label: 'Account',
    width: 'minmax(9rem,1fr)',
    cell: ({ label, bankDetails }) => label ?? bankDetails.bankName,
  },
  { id: 'status', label: 'Status', width: '7rem', cell: ({ status }) => <Status status={status} /> },
  {
    id: 'numbers',
    label: 'Routing / account',
    width: 'minmax(12rem,1.2fr)',
    cell: ({ bankDetails }) => mono(`${bankDetails.routingNumber} / ${bankDetails.accountNumber}`),
  },
  {
    id: 'reference',
    label: 'Reference',
    width: '9rem',
    cell: ({ bankDetails }) => mono(bankDetails.reference),
  },
  {
    id: 'to',
    label: 'Goes to',
    width: '9.5rem',
    cell: ({ destination: { wallet } }) =>
      targetOf(wallet.id ?? wallet.externalAccount ?? wallet.blockchainAddress),
  },
  { id: 'payments', label: 'Payments', width: '8.5rem', cell: ({ id }) => <ResourceLink id={id} /> },
  created(),
];

const DEPOSIT: readonly Column<DepositAddress>[] = [
  {
    id: 'label',
    label: 'Address',
    width: 'minmax(9rem,1fr)',
    cell: ({ label, source }) => label ?? `${source.asset.toUpperCase()} on ${networkName(source.network)}`,
  },
  { id: 'status', label: 'Status', width: '7rem', cell: ({ status }) => <Status status={status} /> },
  {
    id: 'address',
    label: 'On chain',
    width: '10rem',
    cell: ({ source }) => <Id id={source.depositInstructions.address} />,
  },
  {
    id: 'to',
    label: 'Sent on to',
    width: 'minmax(12rem,1.2fr)',
    cell: ({ destination: { wallet, asset, network } }) => (
      <>
        {targetOf(wallet.wallet ?? wallet.externalAccount ?? wallet.blockchainAddress)}{' '}
        <span className="text-xs text-muted">
          {asset.toUpperCase()}, {networkName(network)}
        </span>
      </>
    ),
  },
  { id: 'payments', label: 'Payments', width: '8.5rem', cell: ({ id }) => <ResourceLink id={id} /> },
  created(),
];

const targetOf = (id: string | undefined) =>
  id === undefined ? <span className="text-muted">–</span> : <ResourceLink id={id} />;

/** What money of the customer comes from and goes to besides wallets. */
export function CustomerAccounts({ customerId }: { readonly customerId: string }) {
  const input = { params: { customerId } };
  const external = usePages('GET /customers/:customerId/external-accounts', input);
  const virtual = usePages('GET /customers/:customerId/virtual-accounts', input);
  const deposit = usePages('GET /customers/:customerId/deposit-addresses', input);
  return (
    <div className="grid gap-5">
      <Panel title="External accounts" note="Where the customer is paid" isFlush>
        <PagedTable
          label="External accounts"
          query={external}
          columns={EXTERNAL}
          keyOf={({ id }) => id}
          empty={
            <EmptyState
              title="No external account"
              action={
                <Curl
                  route="POST /customers/:customerId/external-accounts"
                  input={{
                    ...input,
                    body: {
                      type: 'usBank',
                      network: 'ach',
                      owner: { name: 'Jane Smith', type: 'individual' },
                      bankDetails: {
                        routingNumber: '021000021',
                        accountNumber: '000123456789',
                        accountType: 'checking',
                      },
                    },
                  }}
                />
              }
            >
              A bank account, card or address that payouts go to.
            </EmptyState>
          }
        />
      </Panel>
      <Panel title="Virtual accounts" note="Bank numbers whose dollars are converted" isFlush>
        <PagedTable
          label="Virtual accounts"
          query={virtual}
          columns={VIRTUAL}
          keyOf={({ id }) => id}
          hasKeys={false}
          empty={
            <EmptyState
              title="No virtual account"
              action={
                <Curl
                  route="POST /customers/:customerId/virtual-accounts"
                  input={{
                    ...input,
                    body: {
                      source: { asset: 'usd', network: 'usBank' },
                      destination: { wallet: { wallet: 'wlt_…' }, asset: 'usdc', network: 'polygon' },
                      label: 'Payroll',
                    },
                  }}
                />
              }
            >
              Dollars that are sent to its number arrive in a wallet, each transfer as a transaction.
            </EmptyState>
          }
        />
      </Panel>
      <Panel title="Deposit addresses" note="Addresses whose tokens are sent on" isFlush>
        <PagedTable
          label="Deposit addresses"
          query={deposit}
          columns={DEPOSIT}
          keyOf={({ id }) => id}
          hasKeys={false}
          empty={
            <EmptyState
              title="No deposit address"
              action={
                <Curl
                  route="POST /customers/:customerId/deposit-addresses"
                  input={{
                    ...input,
                    body: {
                      source: { asset: 'usdc', network: 'polygon' },
                      destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: 'wlt_…' } },
                    },
                  }}
                />
              }
            >
              What arrives at its address goes on to the destination by itself.
            </EmptyState>
          }
        />
      </Panel>
    </div>
  );
}
