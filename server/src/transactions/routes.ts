import type { QueryOf } from '@openoms/contract/operation.ts';
import * as contract from '@openoms/contract/transactions.ts';
import type { Customers } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import { batchRoute, type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import { ApiError } from '../kernel/errors.ts';
import type { Execution } from './execution.ts';
import type { TransactionFilter, Transactions } from './service.ts';
import { type Perspective, toTransaction } from './view.ts';

type ListQuery = QueryOf<typeof contract.listCustomerTransactions>;

async function answerList(
  tx: Tx,
  transactions: Transactions,
  query: ListQuery,
  customers: Pick<TransactionFilter, 'customerId' | 'senderCustomerId' | 'recipientCustomerId'>,
  perspective: Perspective,
) {
  const filter = {
    ...customers,
    status: query.status,
    type: query.type,
    walletId: query.walletId,
    quoteId: query.quoteId,
    cashInId: query.cashInId,
    virtualAccountId: query.virtualAccountId,
    depositAddressId: query.depositAddressId,
    ...toCreatedRange(query),
  };
  const { rows, hasMore } = await transactions.list(tx, filter, toPageRequest(query));
  return toPage({ items: rows.map((row) => toTransaction(row, perspective)), hasMore });
}

export const transactionRoutes = (
  transactions: Transactions,
  execution: Execution,
  customers: Customers,
): readonly Route[] => [
  batchRoute(contract.createTransaction, async (tx, requests) => {
    const made = await execution.run(
      tx,
      requests.map(({ body }) => body),
    );
    return made.map((row) => (row instanceof ApiError ? row : toTransaction(row)));
  }),
  route(contract.listTransactions, (tx, { query }) =>
    answerList(tx, transactions, query, query, {
      senderCustomerId: query.senderCustomerId ?? query.customerId,
      recipientCustomerId: query.recipientCustomerId ?? query.customerId,
    }),
  ),
  route(contract.getTransaction, async (tx, { params, query }) =>
    toTransaction(await transactions.get(tx, params.transactionId), query),
  ),
  route(contract.listCustomerTransactions, async (tx, { params, query }) => {
    await customers.requireExists(tx, params.customerId);
    const perspective = { senderCustomerId: params.customerId, recipientCustomerId: params.customerId };
    return answerList(tx, transactions, query, { customerId: params.customerId }, perspective);
  }),
];
