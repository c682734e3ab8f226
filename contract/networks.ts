import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { EvmAddress, OneOf, THIRD_PARTY } from './fields.ts';
import { defineOperation } from './operation.ts';
import { Page } from './pagination.ts';

export const NETWORK_KINDS = ['blockchain', 'bank', 'cash'] as const;
export const NETWORK_CAPABILITIES = ['wallet', 'send', 'receive', 'cashIn', 'cashOut'] as const;

const NetworkAsset = Type.Object(
  {
    asset: Type.String({ examples: ['usdc'] }),
    decimals: Type.Integer({ description: 'Of the smallest unit that an amount can have.' }),
    contractAddress: Type.Optional(
      EvmAddress({ description: 'Of the token. Transfers of any other contract are not credited.' }),
    ),
    enabled: Type.Boolean({ description: 'Whether the project may use it.' }),
  },
  { title: 'NetworkAsset' },
);

const Finality = Type.Object(
  {
    block: OneOf(['finalized'], { description: 'The block tag at or below which a transfer is credited.' }),
    typicalSeconds: Type.Integer({ description: 'From a transfer to its credit, on a day like others.' }),
  },
  { title: 'Finality' },
);

export const Network = Type.Object(
  {
    id: Type.String({ description: 'As other operations name it.', examples: ['polygon'] }),
    object: Type.Literal('network'),
    kind: OneOf(NETWORK_KINDS),
    name: Type.String(),
    description: Type.String({ description: 'What it is for.' }),
    chainId: Type.Optional(Type.Integer({ description: 'EIP-155; of a blockchain.' })),
    finality: Type.Optional(Finality),
    assets: Type.Array(NetworkAsset),
    capabilities: Type.Array(OneOf(NETWORK_CAPABILITIES), {
      description:
        '`wallet`: custodial wallets live here. `send`: payments can go here. `receive`: payments can come from here. `cashIn`, `cashOut`: cash can be handed over, or collected.',
    }),
    testnet: Type.Boolean({ description: 'What moves here is worth nothing.' }),
  },
  {
    title: 'Network',
    description: 'Id, asset, decimals and contract address are known of a later version; the rest is ours.',
    ...THIRD_PARTY,
  },
);
export type Network = Static<typeof Network>;

export const listNetworks = defineOperation({
  operationId: 'listNetworks',
  method: 'GET',
  path: '/networks',
  tag: 'Network',
  summary: 'List networks',
  description:
    'Blockchains, bank rails and cash with what the project may use of each. One page has them all.',
  auth: 'bearer',
  idempotency: 'none',
  success: { status: 200, description: 'All networks', schema: Page(Network, 'NetworkPage') },
  errors: BEARER_ERRORS,
  evidence: [
    { evidence: 'third-party', fact: 'The operation: later versions have it.' },
    { evidence: 'proposal', fact: '`kind`, `finality`, `capabilities` and `testnet`; bank rails and cash.' },
  ],
  example: {
    response: {
      data: [
        {
          id: 'polygon',
          object: 'network',
          kind: 'blockchain',
          name: 'Polygon PoS',
          description: 'Custodial wallets, deposits from and payments to any address.',
          chainId: 137,
          finality: { block: 'finalized', typicalSeconds: 5 },
          assets: [
            {
              asset: 'usdc',
              decimals: 6,
              contractAddress: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
              enabled: true,
            },
          ],
          capabilities: ['wallet', 'send', 'receive'],
          testnet: false,
        },
      ],
      hasMore: false,
      nextCursor: null,
      previousCursor: null,
    },
  },
});
