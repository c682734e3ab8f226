import * as contract from '@openoms/contract/deposit-addresses.ts';
import type { QueryOf } from '@openoms/contract/operation.ts';
import type { Tx } from '../db/database.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { DepositAddresses } from './service.ts';
import { toDeposit, toDepositAddress, toSimulatedDeposit } from './view.ts';

async function answerDeposits(
  tx: Tx,
  addresses: DepositAddresses,
  query: QueryOf<typeof contract.listAllAddressDeposits>,
) {
  const filter = {
    depositAddressId: query.depositAddressId,
    customerId: query.customerId,
    status: query.status,
    holdReason: query.holdReason,
    ...toCreatedRange(query),
  };
  const { rows, hasMore } = await addresses.listDeposits(tx, filter, toPageRequest(query));
  return toPage({ items: rows.map(toDeposit), hasMore });
}

export const depositAddressRoutes = (addresses: DepositAddresses): readonly Route[] => [
  route(contract.createDepositAddress, async (tx, { params, body }) =>
    toDepositAddress(await addresses.create(tx, params.customerId, body)),
  ),
  route(contract.listDepositAddresses, async (tx, { params, query }) => {
    const filter = {
      status: query.status,
      ...toCreatedRange(query),
    };
    const { rows, hasMore } = await addresses.list(tx, params.customerId, filter, toPageRequest(query));
    return toPage({ items: rows.map(toDepositAddress), hasMore });
  }),
  route(contract.getDepositAddress, async (tx, { params }) =>
    toDepositAddress(await addresses.get(tx, params.depositAddressId)),
  ),
  route(contract.updateDepositAddress, async (tx, { params, body }) =>
    toDepositAddress(await addresses.update(tx, params.depositAddressId, body)),
  ),
  route(contract.deleteDepositAddress, (tx, { params }) => addresses.delete(tx, params.depositAddressId)),
  route(contract.releaseDepositAddress, async (tx, { params }) =>
    toDepositAddress(await addresses.release(tx, params.depositAddressId)),
  ),
  route(contract.listAddressDeposits, async (tx, { params: { depositAddressId }, query }) => {
    await addresses.get(tx, depositAddressId);
    return answerDeposits(tx, addresses, { ...query, depositAddressId });
  }),
  route(contract.listAllAddressDeposits, (tx, { query }) => answerDeposits(tx, addresses, query)),
  route(contract.simulateDeposit, async (tx, { params, body }) =>
    toSimulatedDeposit(await addresses.simulate(tx, params.depositAddressId, body)),
  ),
];
