import { finalBalancesOf } from './chain/final-balance.ts';
import { VaultClient } from './chain/vault/client.ts';
import type { SigningPolicy } from './chain/vault/policy.ts';
import { type Config, chainFactsOf, networkOf } from './config.ts';
import { type Context, createContext } from './context.ts';
import { Database } from './db/database.ts';
import { systemClock } from './kernel/clock.ts';
import { TypeIds } from './kernel/ids.ts';
import { type KeyEncryption, keyEncryptionFromFile, keyEncryptionFromHex } from './kernel/key-encryption.ts';
import type { Logger } from './kernel/log.ts';
import { keyEncryptionFromPkcs11 } from './kernel/pkcs11.ts';
import { rateSourceOf, sandboxProviders } from './providers/registry.ts';

const SIGNER_TIMEOUT_MS = 10_000;
/** Gas price of 10,000 gwei; EIP-7825's gas of one transaction. */
const MAX_FEE_PER_GAS = 10_000n * 10n ** 9n;
const MAX_GAS = 2n ** 24n;

/** From the environment, the HSM or the file, as configured. */
export async function openKeyEncryption(config: Config): Promise<KeyEncryption> {
  const { keyEncryptionKey, pkcs11, keyEncryptionKeyFile } = config;
  if (keyEncryptionKey !== undefined) return keyEncryptionFromHex(keyEncryptionKey);
  if (pkcs11) return keyEncryptionFromPkcs11(pkcs11);
  return keyEncryptionFromFile(keyEncryptionKeyFile);
}

/** The context of a process of the server, on real time and randomness. */
export async function openContext(
  config: Config,
  databaseUrl: string,
  log: Logger,
  maxConnections: number,
): Promise<Context> {
  const { webhookTrustedHosts: trustedHosts, webhookNameServers: nameServers } = config;
  const egress = { trustedHosts, ...(nameServers && { nameServers }) };
  return createContext({
    db: new Database(databaseUrl, { maxConnections, clock: systemClock, log }),
    clock: systemClock,
    wallClock: systemClock,
    ids: new TypeIds(systemClock),
    log,
    keyEncryption: await openKeyEncryption(config),
    providers: sandboxProviders(rateSourceOf(config.rates, egress)),
    egress,
    chainFacts: chainFactsOf(config),
    ratesMaxAgeMs: config.ratesMaxAgeMs,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    ...(config.chainRpcUrl !== undefined && {
      askFinalBalance: finalBalancesOf(config.chainRpcUrl, config.tokenAddress),
    }),
  });
}

export const openVault = (config: Config): VaultClient =>
  new VaultClient({ socketPath: config.signerSocket, timeoutMs: SIGNER_TIMEOUT_MS });

export function signingPolicyOf(config: Config): SigningPolicy {
  const network = networkOf(config, '');
  return {
    signsWithPublicKeys: config.isLocalChain,
    tokens: [
      {
        chainId: network.chainId,
        contract: network.tokenAddress,
        name: network.tokenName,
        version: network.tokenVersion,
        multicall: network.multicallAddress,
        maxSendMinor: config.signerMaxSendMinor,
        maxDailyMinor: config.signerMaxDailyMinor,
        maxFeePerGas: MAX_FEE_PER_GAS,
        maxGas: MAX_GAS,
      },
    ],
  };
}
