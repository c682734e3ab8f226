import * as contract from '@openoms/contract/external-accounts.ts';
import { type Route, route } from '../http/operation.ts';
import { toPage, toPageRequest } from '../http/paging.ts';
import { optionalDate, optionalUpperBound } from '../kernel/clock.ts';
import { listSchemas } from './rails.ts';
import type { ExternalAccounts } from './service.ts';
import { toExternalAccount } from './view.ts';

export const externalAccountRoutes = (accounts: ExternalAccounts): readonly Route[] => [
  route(contract.listExternalAccountSchemas, async (_tx, { query }) => ({ data: listSchemas(query) })),
  route(contract.createExternalAccount, async (tx, { params, body }, caller) =>
    toExternalAccount(await accounts.create(tx, params.customerId, body, caller.sealer)),
  ),
  route(contract.listCustomerExternalAccounts, async (tx, { params, query }) => {
    const filter = {
      type: query.type,
      network: query.network,
      status: query.status,
      createdAfter: optionalDate(query.createdAfter),
      createdBefore: optionalUpperBound(query.createdBefore),
    };
    const { rows, hasMore } = await accounts.list(tx, params.customerId, filter, toPageRequest(query));
    return toPage({ items: rows.map(toExternalAccount), hasMore });
  }),
  route(contract.getExternalAccount, async (tx, { params }) =>
    toExternalAccount(await accounts.get(tx, params.externalAccountId)),
  ),
  route(contract.getCustomerExternalAccount, async (tx, { params }) =>
    toExternalAccount(await accounts.get(tx, params.externalAccountId, params.customerId)),
  ),
  route(contract.deleteExternalAccount, (tx, { params }) => accounts.delete(tx, params.externalAccountId)),
  route(contract.deleteCustomerExternalAccount, (tx, { params }) =>
    accounts.delete(tx, params.externalAccountId, params.customerId),
  ),
];
