import { getCustomerBalance, getWalletBalance } from '@openoms/contract/balances.ts';
import * as contract from '@openoms/contract/wallets.ts';
import { type Route, route } from '../http/operation.ts';
import { toPage, toPageRequest } from '../http/paging.ts';
import type { Wallets } from './service.ts';
import { toCustomerBalance, toWallet, toWalletBalance } from './view.ts';

const DEFAULT_CURRENCY = 'USD';

export const walletRoutes = (wallets: Wallets): readonly Route[] => [
  route(contract.createWallet, async (tx, { params, body }) =>
    toWallet(await wallets.create(tx, params.customerId, body.asset, body.chain)),
  ),
  route(contract.listCustomerWallets, async (tx, { params, query }) => {
    const { rows, hasMore } = await wallets.list(tx, params.customerId, toPageRequest(query));
    return toPage({ items: rows.map(toWallet), hasMore });
  }),
  route(contract.getWallet, async (tx, { params }) => toWallet(await wallets.get(tx, params.walletId))),
  route(getWalletBalance, async (tx, { params, query }) =>
    toWalletBalance(
      await wallets.balance(tx, params.walletId),
      query.estimatedBalanceCurrencyCode ?? DEFAULT_CURRENCY,
    ),
  ),
  route(getCustomerBalance, async (tx, { params, query }) =>
    toCustomerBalance(
      params.customerId,
      await wallets.customerBalance(tx, params.customerId),
      query.estimatedBalanceCurrencyCode ?? DEFAULT_CURRENCY,
    ),
  ),
];
