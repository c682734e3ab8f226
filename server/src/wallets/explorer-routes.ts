import * as contract from '@openoms/contract/console/wallets.ts';
import { preparedRoute, type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { WalletExplorer } from './explorer.ts';

export const walletExplorerRoutes = (wallets: WalletExplorer): readonly Route[] => [
  route(contract.listWallets, async (tx, { query }) => {
    const filter = { customerId: query.customerId, address: query.address, ...toCreatedRange(query) };
    return toPage(await wallets.list(tx, filter, toPageRequest(query)));
  }),
  preparedRoute(
    contract.getWalletHoldings,
    ({ params }, caller) => wallets.askChain(caller.projectId, params.walletId),
    (tx, { params }, _caller, chain) => wallets.holdings(tx, params.walletId, chain),
  ),
  route(contract.listWalletTransfers, async (tx, { params }) => ({
    data: await wallets.transfers(tx, params.walletId),
  })),
];
