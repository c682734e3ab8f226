import type { Customer } from '@openoms/contract/customers.ts';
import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { isZero, sumOf } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id, shortened } from '../../components/id.tsx';
import { Panel } from '../../components/panel.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { paths } from '../../paths.ts';
import { networkName } from '../payments/words.ts';

interface Row {
  readonly id: string;
  readonly address: string;
  readonly asset: string;
  readonly network: string;
  readonly balance: string;
  /** Undefined while they are on their way, or not to be had. */
  readonly available: string | undefined;
  readonly pending: string | undefined;
}

const amountOrDash = (amount: string | undefined, asset: string) =>
  amount === undefined ? <span className="text-muted">–</span> : <Amount amount={amount} asset={asset} />;

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'wallet',
    label: 'Wallet',
    width: 'minmax(7.5rem,1fr)',
    cell: ({ asset, network }) => `${asset.toUpperCase()} on ${networkName(network)}`,
  },
  { id: 'address', label: 'Address', width: '8rem', cell: ({ address }) => <Id id={address} /> },
  {
    id: 'balance',
    label: 'Balance',
    width: '8rem',
    align: 'end',
    cell: ({ balance, asset }) => <Amount amount={balance} asset={asset} />,
  },
  {
    id: 'available',
    label: 'Available',
    width: '8rem',
    align: 'end',
    cell: ({ available, asset }) => amountOrDash(available, asset),
  },
  {
    id: 'pending',
    label: 'Incoming',
    width: '7.5rem',
    align: 'end',
    cell: ({ pending, asset }) => amountOrDash(pending, asset),
  },
];

export function CustomerWallets({ customer }: { readonly customer: Customer }) {
  const { id: projectId } = useProject();
  const { wallets } = customer;
  // Refused while the customer has no fiat account; the balances of the wallets themselves are there anyway.
  const { data } = useProjectRead(
    'GET /customers/:customerId/balance',
    { params: { customerId: customer.id } },
    { enabled: wallets.length > 0 },
  );
  const rows = wallets.map((wallet): Row => {
    const balance = data?.wallets.find(({ id }) => id === wallet.id);
    return { ...wallet, available: balance?.availableBalance, pending: balance?.pendingBalance };
  });
  const hasIncoming = rows.some(({ pending }) => pending !== undefined && !isZero(pending));
  return (
    <Panel
      title="Wallets"
      note={
        wallets.length > 0 && (
          <>
            <Amount amount={sumOf(wallets.map(({ estimatedValueUsd }) => estimatedValueUsd))} asset="usd" />{' '}
            in all
          </>
        )
      }
      isFlush
    >
      <Table
        label="Wallets"
        rows={rows}
        columns={hasIncoming ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'pending')}
        keyOf={({ id }) => id}
        pathOf={({ id }) => paths.wallet(projectId, id)}
        nameOf={({ id }) => `Wallet ${shortened(id)}`}
        hasKeys
        empty={
          <EmptyState
            title="No wallet yet"
            action={
              <Curl
                route="POST /customers/:customerId/wallets"
                input={{ params: { customerId: customer.id }, body: { asset: 'usdc', chain: 'polygon' } }}
              />
            }
          >
            A wallet is an address on a chain whose keys are kept here. It needs the endorsement Custody.
          </EmptyState>
        }
      />
    </Panel>
  );
}
