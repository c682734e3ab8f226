import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from '../errors.ts';
import { NullableString, OneOf, PathId, Text, Timestamp } from '../fields.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from '../pagination.ts';
import { Wallet } from '../wallets.ts';
import { defineProjectOperation } from './operation.ts';

const project = { tag: 'Console', auth: 'session', idempotency: 'none', method: 'GET' } as const;

const ConsoleWallet = Type.Object(
  {
    ...Wallet.properties,
    customerName: NullableString(),
    balance: Type.String({ description: 'What may be spent, by the ledger.' }),
  },
  { title: 'ConsoleWallet' },
);
export type ConsoleWallet = Static<typeof ConsoleWallet>;

export const listWallets = defineProjectOperation({
  ...project,
  operationId: 'listWallets',
  path: '/wallets',
  summary: 'List wallets',
  description: 'Of all customers, newest first.',
  query: Type.Object({
    customerId: Type.Optional(Text(100)),
    address: Type.Optional(Text(42)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of wallets',
    schema: Page(ConsoleWallet, 'ConsoleWalletPage'),
  },
  errors: BEARER_ERRORS,
});

const WalletParams = Type.Object({ walletId: PathId('wlt') });

export const WalletHoldings = Type.Object(
  {
    object: Type.Literal('walletHoldings'),
    walletId: Type.String(),
    asset: Type.String(),
    ledger: Type.Object({
      accountId: Type.String(),
      posted: Type.String(),
      held: Type.String({ description: 'Reserved for payments under way.' }),
      available: Type.String(),
    }),
    chain: Type.Object({
      balance: NullableString({
        description: 'What the token contract says; null: the chain does not answer.',
      }),
      blockNumber: NullableString(),
      isFinal: Type.Boolean(),
    }),
    difference: NullableString({ description: 'Chain less ledger; payments under way make one.' }),
  },
  { title: 'WalletHoldings' },
);
export type WalletHoldings = Static<typeof WalletHoldings>;

export const getWalletHoldings = defineProjectOperation({
  ...project,
  operationId: 'getWalletHoldings',
  path: '/wallets/:walletId/holdings',
  summary: 'What a wallet holds, by the ledger and on chain',
  description: 'The chain is asked now, at its last final block.',
  params: WalletParams,
  success: { status: 200, description: 'Both sides', schema: WalletHoldings },
  errors: [...BEARER_ERRORS, 'not_found'],
});

const WalletTransfer = Type.Object(
  {
    id: Type.String({ description: 'Of the deposit or send.' }),
    object: Type.Literal('walletTransfer'),
    direction: OneOf(['in', 'out']),
    amount: Type.String(),
    asset: Type.String(),
    status: Type.String({ description: 'Of the deposit or send, such as `credited`, `paid`.' }),
    counterpart: NullableString({ description: 'Address on the other side.' }),
    txHash: NullableString(),
    resourceId: NullableString({ description: 'Transaction or cash-in that it is part of.' }),
    createdAt: Timestamp(),
  },
  { title: 'WalletTransfer' },
);
export type WalletTransfer = Static<typeof WalletTransfer>;

export const listWalletTransfers = defineProjectOperation({
  ...project,
  operationId: 'listWalletTransfers',
  path: '/wallets/:walletId/transfers',
  summary: 'List transfers of a wallet on chain',
  description: 'Deposits and sends, newest first; at most 100.',
  params: WalletParams,
  success: {
    status: 200,
    description: 'Transfers',
    schema: Type.Object({ data: Type.Array(WalletTransfer) }, { title: 'WalletTransferList' }),
  },
  errors: [...BEARER_ERRORS, 'not_found'],
});
