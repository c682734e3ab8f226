import Type, { type Static } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS, KEYED_MUTATION_ERRORS } from './errors.ts';
import { INFERRED, OneOf, PathId, RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { PAGE_QUERY, Page } from './pagination.ts';

export const WALLET_STATUSES = ['active', 'suspended', 'closed'] as const;

export const Wallet = Type.Object(
  {
    id: Type.String({ examples: ['wlt_01H9Xb…'] }),
    object: Type.Literal('wallet'),
    customerId: Type.String(),
    address: Type.String({ description: 'On-chain address; read-only.' }),
    asset: Type.String({ examples: ['usdc'] }),
    chain: Type.String({ examples: ['polygon'] }),
    status: OneOf(WALLET_STATUSES),
    type: OneOf(['internal', 'external'], { description: '`internal`: keys are held by the server.' }),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
  },
  { title: 'Wallet' },
);
export type Wallet = Static<typeof Wallet>;

export const WalletPage = Page(Wallet, 'WalletPage');

export const WalletParams = Type.Object({ walletId: PathId('wlt') });

const EXAMPLE = {
  id: 'wlt_01H9Xb...',
  object: 'wallet',
  customerId: 'cst_01H9Xa...',
  address: '0xBEEF4a2c891D56e72b67a3f21d0cf94F1D7c5911',
  asset: 'usdc',
  chain: 'polygon',
  status: 'active',
  type: 'internal',
  createdAt: '2024-01-15T10:01:00Z',
  updatedAt: '2024-01-15T10:01:00Z',
};

export const createWallet = defineOperation({
  operationId: 'createWallet',
  method: 'POST',
  path: '/customers/:customerId/wallets',
  tag: 'Wallet',
  summary: 'Create a custodial wallet',
  description:
    'Derives an address that holds one asset on one chain; the server manages its keys. Needs the `cryptoCustody` endorsement, which the sandbox grants by itself.',
  auth: 'bearer',
  idempotency: 'required',
  params: CustomerParams,
  body: Type.Object({
    asset: RequiredText(20, { description: 'Lower case, such as `usdc`.' }),
    chain: RequiredText(30, { description: 'Lower case, such as `polygon`.' }),
  }),
  success: { status: 201, description: 'Wallet created', schema: Wallet },
  errors: [
    ...KEYED_MUTATION_ERRORS,
    'not_found',
    'endorsement_required',
    'customer_inactive',
    'unsupported_asset_network',
    'wallet_exists',
  ],
  evidence: [{ evidence: 'proposal', fact: 'The error codes.' }],
  example: { request: { asset: 'usdc', chain: 'polygon' }, response: EXAMPLE },
});

export const listCustomerWallets = defineOperation({
  operationId: 'listCustomerWallets',
  method: 'GET',
  path: '/customers/:customerId/wallets',
  tag: 'Wallet',
  summary: 'List the wallets of a customer',
  description: 'Newest first; an empty list when there are none.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: Type.Object({ ...PAGE_QUERY }, { ...INFERRED }),
  success: { status: 200, description: 'A page of wallets', schema: WalletPage },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'inferred', fact: 'The envelope of `GET /transactions`.' }],
});

export const getWallet = defineOperation({
  operationId: 'getWallet',
  method: 'GET',
  path: '/wallets/:walletId',
  tag: 'Wallet',
  summary: 'Get a wallet',
  description: 'The wallet without its balance.',
  auth: 'bearer',
  idempotency: 'none',
  params: WalletParams,
  success: { status: 200, description: 'The wallet', schema: Wallet },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation; no document of v0.9 names it.' }],
  example: { response: EXAMPLE },
});
