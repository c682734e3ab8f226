import type { Network } from '@openoms/contract/networks.ts';
import { getAddress } from 'viem/utils';
import type { NetworkConfig } from '../chain/networks.ts';
import { decimalsOf } from '../kernel/money.ts';

/** The chain as the operator configured it, as far as clients are told. */
export interface ChainFacts extends Pick<NetworkConfig, 'name' | 'chainId' | 'tokenAddress'> {
  /** Its tokens are minted at will. */
  readonly isLocal: boolean;
}

/** Block explorers by the id of their chain. */
const EXPLORERS: Readonly<Record<number, string>> = {
  137: 'https://polygonscan.com',
  80002: 'https://amoy.polygonscan.com',
};

/** Where the chain's transactions can be looked at; null: nowhere that we know. */
export const explorerOf = ({ chainId, isLocal }: ChainFacts): string | null =>
  (isLocal ? undefined : EXPLORERS[chainId]) ?? null;

type Mode = 'sandbox' | 'live';

const POLYGON_CHAIN_ID = 137;
/** Blocks become final after two to five seconds there. */
const TYPICAL_FINALITY_SECONDS = 5;

/** Everything but the chain. Who stands behind bank and cash is the sandbox so far, so no live project has them. */
const RAILS = [
  {
    id: 'ach',
    kind: 'bank',
    name: 'ACH',
    description: 'Payments from and to US bank accounts, in one to three business days.',
    capabilities: ['send', 'receive'],
  },
  {
    id: 'wire',
    kind: 'bank',
    name: 'Fedwire',
    description: 'Payments from and to US bank accounts, on the same business day.',
    capabilities: ['send', 'receive'],
  },
  {
    id: 'swift',
    kind: 'bank',
    name: 'SWIFT',
    description: 'Payments to bank accounts outside the US, in one to five business days.',
    capabilities: ['send'],
  },
  {
    id: 'cash',
    kind: 'cash',
    name: 'Cash',
    description: 'Cash handed over at a counter, or collected at one.',
    capabilities: ['cashIn', 'cashOut'],
  },
] as const satisfies readonly Pick<Network, 'id' | 'kind' | 'name' | 'description' | 'capabilities'>[];

/** What assets there are, and on what networks. */
export class Networks {
  readonly #chain: ChainFacts;

  constructor(chain: ChainFacts) {
    this.#chain = chain;
  }

  list(mode: Mode): Network[] {
    return [this.#blockchain(), ...RAILS.map((rail) => toRail(rail, mode))];
  }

  #blockchain(): Network {
    const { name, chainId, tokenAddress, isLocal } = this.#chain;
    return {
      id: name,
      object: 'network',
      kind: 'blockchain',
      name: 'Polygon PoS',
      description: 'Custodial wallets, deposits from and payments to any address.',
      chainId,
      finality: { block: 'finalized', typicalSeconds: TYPICAL_FINALITY_SECONDS },
      assets: [
        {
          asset: 'usdc',
          decimals: decimalsOf('usdc'),
          contractAddress: getAddress(tokenAddress),
          enabled: true,
        },
      ],
      capabilities: ['wallet', 'send', 'receive'],
      testnet: isLocal || chainId !== POLYGON_CHAIN_ID,
    };
  }
}

const toRail = (rail: (typeof RAILS)[number], mode: Mode): Network => ({
  ...rail,
  object: 'network',
  assets: [{ asset: 'usd', decimals: decimalsOf('usd'), enabled: mode === 'sandbox' }],
  capabilities: [...rail.capabilities],
  testnet: mode === 'sandbox',
});
