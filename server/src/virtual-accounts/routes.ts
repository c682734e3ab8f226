import { type BankUsDepositAccount, DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import * as contract from '@openoms/contract/virtual-accounts.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { VirtualAccounts } from './service.ts';
import { toDeposit } from './view.ts';

interface ListQuery {
  readonly status?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly limit?: number;
  readonly startingAfter?: string;
  readonly endingBefore?: string;
}

const toListRequest = (query: ListQuery) => ({
  filter: {
    status: query.status,
    ...toCreatedRange(query),
  },
  page: toPageRequest(query),
});

export const virtualAccountRoutes = (accounts: VirtualAccounts): readonly Route[] => [
  route(contract.createVirtualAccount, (tx, { params, body }, { sealer }) =>
    accounts.create(tx, params.customerId, body, sealer),
  ),
  route(contract.listCustomerVirtualAccounts, async (tx, { params, query }, { sealer }) =>
    toPage(await accounts.list(tx, params.customerId, toListRequest(query), sealer)),
  ),
  route(contract.getVirtualAccount, (tx, { params }, { sealer }) =>
    accounts.get(tx, params.virtualAccountId, sealer),
  ),
  route(contract.updateVirtualAccount, (tx, { params, body }, { sealer }) =>
    accounts.update(tx, params.virtualAccountId, body, sealer),
  ),
  route(contract.deleteVirtualAccount, (tx, { params }) => accounts.delete(tx, params.virtualAccountId)),
  route(contract.listVirtualAccountDeposits, async (tx, { params, query }) => {
    const { rows, hasMore } = await accounts.listDeposits(tx, params.virtualAccountId, toListRequest(query));
    return toPage({ items: rows.map(toDeposit), hasMore });
  }),
];

/** The same in the later dialect, which names the customer in the body and delivers to wallets alone. */
export const flatVirtualAccountRoutes = (accounts: VirtualAccounts): readonly Route[] => [
  route(DIALECT_OPERATIONS.createVirtualAccount, async (tx, { body }, { sealer }) => {
    const { customerId, source, destination, accountHolder, metadata } = body;
    const made = await accounts.create(
      tx,
      customerId,
      {
        source,
        destination: { wallet: { id: destination.details.id }, asset: 'usdc', network: 'polygon' },
        ...(accountHolder !== undefined && { accountholderName: accountHolder }),
        ...(metadata !== undefined && { metadata }),
      },
      sealer,
    );
    return toFlat(made, destination.details.id);
  }),
];

const toFlat = (account: contract.VirtualAccount, walletId: string): BankUsDepositAccount => ({
  ...account,
  type: 'bankUs',
  accountHolder: account.accountholderName,
  destination: {
    type: 'walletOms',
    details: { id: walletId },
    asset: account.destination.asset,
    network: account.destination.network,
  },
});
