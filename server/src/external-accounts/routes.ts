import { type BankUsAccount, DIALECT_OPERATIONS } from '@openoms/contract/dialect.ts';
import type { ExternalAccount } from '@openoms/contract/external-accounts.ts';
import * as contract from '@openoms/contract/external-accounts.ts';
import type { CustomerRow, Customers } from '../customers/service.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
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
      ...toCreatedRange(query),
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

/** The same in the later dialect, which knows bank accounts of the United States alone. */
export const flatExternalAccountRoutes = (
  accounts: ExternalAccounts,
  customers: Customers,
): readonly Route[] => [
  route(DIALECT_OPERATIONS.createExternalAccount, async (tx, { body }, caller) => {
    const { customerId } = body.owner;
    const customer = await customers.requireActive(tx, customerId);
    const made = await accounts.create(
      tx,
      customerId,
      {
        type: 'usBank',
        network: 'ach',
        owner: { name: ownerNameOf(customer), type: 'individual' },
        bankDetails: body.bankUs,
      },
      caller.sealer,
    );
    return toBankUs(toExternalAccount(made));
  }),
];

/** The customer's name, in the form that an owner's has: without control characters, and no longer. */
function ownerNameOf({ first_name, last_name, customer_id }: CustomerRow): string {
  const name = [first_name, last_name].filter((part) => part !== null).join(' ');
  const words = name.split(/[\p{Cc}\s]+/u).filter((word) => word !== '');
  return [...words.join(' ')].slice(0, contract.MAX_OWNER_NAME_LENGTH).join('') || customer_id;
}

const toBankUs = ({
  id,
  customerId,
  status,
  owner,
  bankDetails,
  createdAt,
}: ExternalAccount): BankUsAccount => ({
  id,
  object: 'externalAccount',
  owner: { kind: 'customer', customerId, name: owner.name },
  type: 'bankUs',
  status,
  bankUs: {
    accountNumber: bankDetails.accountNumber ?? '',
    routingNumber: bankDetails.routingNumber ?? '',
    accountType: bankDetails.accountType ?? '',
    ...(bankDetails.bankName !== undefined && { bankName: bankDetails.bankName }),
  },
  createdAt,
});
