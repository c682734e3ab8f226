import Type, { type Static } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS } from './errors.ts';
import { Amount, OneOf, PROPOSAL } from './fields.ts';
import { defineOperation } from './operation.ts';
import { WalletParams } from './wallets.ts';

export const BalanceQuery = Type.Object({
  estimatedBalanceCurrencyCode: Type.Optional(
    OneOf(['USD'], { default: 'USD', description: 'Currency of the estimate.' }),
  ),
});

const estimateFields = {
  estimatedBalance: Amount({ description: 'Value in the currency of the estimate.' }),
  estimatedBalanceCurrencyCode: Type.String({ examples: ['USD'] }),
};

export const WalletBalance = Type.Object(
  {
    object: Type.Literal('balance'),
    walletId: Type.String(),
    asset: Type.String(),
    chain: Type.String(),
    balance: Amount({ description: 'What the wallet holds, reserved funds included.' }),
    displayBalance: Amount({ description: 'Same as `balance`.' }),
    availableBalance: Amount({ description: '`balance` less what is reserved for unfinished payments.' }),
    pendingBalance: Amount({ description: 'Incoming, not yet credited.' }),
    ...estimateFields,
  },
  { title: 'WalletBalance', ...PROPOSAL },
);
export type WalletBalance = Static<typeof WalletBalance>;

const CustomerBalanceWallet = Type.Object(
  {
    id: Type.String(),
    asset: Type.String(),
    chain: Type.String(),
    balance: Amount(),
    availableBalance: Amount(),
    pendingBalance: Amount(),
    estimatedBalance: Amount(),
  },
  { title: 'CustomerBalanceWallet', ...PROPOSAL },
);

export const CustomerBalance = Type.Object(
  {
    object: Type.Literal('balance'),
    customerId: Type.String(),
    ...estimateFields,
    wallets: Type.Array(CustomerBalanceWallet),
  },
  { title: 'CustomerBalance', ...PROPOSAL },
);
export type CustomerBalance = Static<typeof CustomerBalance>;

export const getWalletBalance = defineOperation({
  operationId: 'getWalletBalance',
  method: 'GET',
  path: '/wallets/:walletId/balance',
  tag: 'Wallet',
  summary: 'Get the balance of a wallet',
  description: 'A new wallet starts at zero. Works for a customer without identity fields, too.',
  auth: 'bearer',
  idempotency: 'none',
  params: WalletParams,
  query: BalanceQuery,
  success: { status: 200, description: 'The balance', schema: WalletBalance },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The names of the response fields.' }],
  example: {
    response: {
      object: 'balance',
      walletId: 'wlt_01H9Xb...',
      asset: 'usdc',
      chain: 'polygon',
      balance: '0.00',
      displayBalance: '0.00',
      availableBalance: '0.00',
      pendingBalance: '0.00',
      estimatedBalance: '0.00',
      estimatedBalanceCurrencyCode: 'USD',
    },
  },
});

export const getCustomerBalance = defineOperation({
  operationId: 'getCustomerBalance',
  method: 'GET',
  path: '/customers/:customerId/balance',
  tag: 'Customer',
  summary: 'Get the balance of a customer',
  description:
    'The estimated sum over all wallets of the customer. Fails with `provider_account_not_provisioned` when identity fields are missing.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: BalanceQuery,
  success: { status: 200, description: 'The balance', schema: CustomerBalance },
  errors: [...BEARER_ERRORS, 'not_found', 'provider_account_not_provisioned'],
  evidence: [
    { evidence: 'proposal', fact: 'The names of the response fields.' },
    { evidence: 'proposal', fact: 'Status 422 of the provisioning error.' },
  ],
  example: {
    response: {
      object: 'balance',
      customerId: 'cst_01H9Xa...',
      estimatedBalance: '98.00',
      estimatedBalanceCurrencyCode: 'USD',
      wallets: [
        {
          id: 'wlt_01H9Xb...',
          asset: 'usdc',
          chain: 'polygon',
          balance: '98.00',
          availableBalance: '98.00',
          pendingBalance: '0.00',
          estimatedBalance: '98.00',
        },
      ],
    },
  },
});
