import type { JsonRpc } from './rpc.ts';
import { readTokenDomain } from './token/domain.ts';

/** Networks and tokens that settlement supports; the schema's check constraints name the same. */
export type NetworkName = 'polygon';
export type TokenAsset = 'usdc';

export type OtherTokens = 'all' | readonly string[];

/** The chain as configured. Real and local chains differ in nothing but this. */
export interface NetworkConfig {
  readonly name: NetworkName;
  readonly chainId: number;
  readonly rpcUrl: string;
  /** USDC (Circle's FiatToken v2.2). */
  readonly tokenAddress: string;
  /** The token's EIP-712 name and version, as the signer's policy has them. */
  readonly tokenName: string;
  readonly tokenVersion: string;
  /** Multicall3. */
  readonly multicallAddress: string;
  /** Contracts whose transfers to our addresses are listed as ignored; `all` needs the logs of every contract. */
  readonly otherTokens: OtherTokens;
  /** The first block whose logs can concern us. */
  readonly startBlock: number;
}

/** Compares the chain with its configuration. Throws a sentence for the operator; signatures would be worthless. */
export async function checkNetwork(rpc: JsonRpc, network: NetworkConfig): Promise<void> {
  const domain = await readTokenDomain(rpc, network.tokenAddress);
  const mismatch = [
    ['chain id', network.chainId, domain.chainId],
    ['token name', network.tokenName, domain.name],
    ['token version', network.tokenVersion, domain.version],
  ].find(([, configured, found]) => configured !== found);
  if (!mismatch) return;
  const [what, configured, found] = mismatch;
  throw new Error(
    `The ${what} of network ${network.name} is configured as ${configured}, but the chain has ${found}.`,
  );
}
