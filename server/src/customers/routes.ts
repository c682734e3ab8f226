import * as contract from '@openoms/contract/customers.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { Customers } from './service.ts';
import { toCustomer } from './view.ts';

export const customerRoutes = (customers: Customers): readonly Route[] => [
  route(contract.createCustomer, async (tx, { body }, caller) =>
    toCustomer(await customers.create(tx, body, caller.sealer)),
  ),
  route(contract.listCustomers, async (tx, { query }) => {
    const filter = {
      status: query.status,
      email: query.email,
      externalId: query.externalId,
      ...toCreatedRange(query),
    };
    const { items, hasMore } = await customers.list(tx, filter, toPageRequest(query));
    const page = toPage({ items: items.map(toCustomer), hasMore });
    return { ...page, cursor: page.nextCursor };
  }),
  route(contract.getCustomer, async (tx, { params }) =>
    toCustomer(await customers.get(tx, params.customerId)),
  ),
  route(contract.updateCustomer, async (tx, { params, body }, caller) =>
    toCustomer(await customers.update(tx, params.customerId, body, caller.sealer)),
  ),
];
