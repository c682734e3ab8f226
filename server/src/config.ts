import { createHash } from 'node:crypto';
import { Resolver } from 'node:dns';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetworkConfig, OtherTokens } from './chain/networks.ts';
import { MULTICALL3, USDC_LOOKALIKES_POLYGON, USDC_POLYGON } from './chain/token/contracts.ts';
import type { Retention } from './events/retention.ts';
import { MINUTE_MS, SECOND_MS } from './kernel/clock.ts';
import { parseMinor } from './kernel/money.ts';
import type { Pkcs11Key } from './kernel/pkcs11.ts';
import type { RatesConfig } from './providers/registry.ts';

/** The environment is wrong; the message is one sentence for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Config {
  /** Everything the instance keeps on disk lies below. */
  readonly home: string;
  readonly host: string;
  readonly port: number;
  /** The operator's own database and chain; undefined means the embedded ones. */
  readonly databaseUrl: string | undefined;
  /** Whose migrations run as; the server itself never connects with it. */
  readonly databaseOwnerUrl: string | undefined;
  readonly chainRpcUrl: string | undefined;
  readonly chainId: number;
  readonly tokenAddress: string;
  readonly startBlock: number;
  /** Accounts that pay gas. */
  readonly relayers: number;
  /** Contracts whose transfers to our addresses are listed as ignored. */
  readonly otherTokens: OtherTokens;
  /** The chain mints at will: sandbox treasuries are filled from it. */
  readonly isLocalChain: boolean;
  /** 64 hexadecimal characters; undefined means the key file below home. */
  readonly keyEncryptionKey: string | undefined;
  readonly keyEncryptionKeyFile: string;
  /** The HSM's key that wraps the key-encryption key, and the file it is wrapped in; undefined means no HSM. */
  readonly pkcs11: Pkcs11Key | undefined;
  readonly seedFile: string;
  readonly signerSocket: string;
  /** The signer's policy: the largest send, and all sends in any 24 h, in minor units of USDC. */
  readonly signerMaxSendMinor: bigint;
  readonly signerMaxDailyMinor: bigint;
  /** How often the ledger is compared with the chain; 0 means never. */
  readonly reconciliationIntervalMs: number;
  /** How long events are kept. */
  readonly retention: Retention;
  /** Hosts that webhooks may reach over plain http and inside a private network. */
  readonly webhookTrustedHosts: readonly string[];
  /** Whom webhooks ask for addresses; undefined means as the system does. */
  readonly webhookNameServers: readonly string[] | undefined;
  /** Where exchange rates come from. */
  readonly rates: RatesConfig;
  readonly ratesMaxAgeMs: number;
  /** Where browsers have the server; undefined means at `host` and `port`, without TLS. */
  readonly publicUrl: string | undefined;
  /** Addresses of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = 4010;
const POLYGON_CHAIN_ID = 137;
const DEFAULT_RELAYERS = 1;
/** With 16 batches of 160 sends in flight each, 40,960 sends: more than a chain takes while they become final. */
const MAX_RELAYERS = 16;
const DEFAULT_RECONCILIATION_MINUTES = 60;
/** A month. */
const MAX_MINUTES = 43_200;
/** In USDC. */
const DEFAULT_MAX_SEND = '10000000';
const DEFAULT_MAX_DAILY = '100000000';
/** The kernel's limit for the path of a unix socket is 107 bytes on Linux and 103 on macOS. */
const MAX_SOCKET_PATH = 100;
const DEFAULT_RATES_MAX_AGE_SECONDS = 300;
const MIN_RATES_MAX_AGE_SECONDS = 10;
const MAX_RATES_MAX_AGE_SECONDS = 86_400;
const DEFAULT_RETENTION_DAYS = 30;
const MAX_RETENTION_DAYS = 3_650;
const DEFAULT_RETENTION_EVENTS = 10_000_000;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
/** Of a sandbox, whose users' receivers run beside it; next to a real chain the loopback is the operator's own. */
const SANDBOX_TRUSTED_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** Reads the environment (README.md lists it). `projectDir` holds the default home. */
export function readConfig(env: Environment, projectDir: string): Config {
  const home = resolve(env.OMS_HOME || join(projectDir, '.openoms'));
  const chainId = readInteger(env, 'CHAIN_ID', POLYGON_CHAIN_ID, 1, Number.MAX_SAFE_INTEGER);
  const isLocalChain = env.OMS_LOCAL_CHAIN === '1';
  return {
    home,
    host: env.HOST || '127.0.0.1',
    port: readInteger(env, 'PORT', DEFAULT_PORT, 0, 65_535),
    databaseUrl: readUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseOwnerUrl: readUrl(env, 'DATABASE_OWNER_URL', ['postgres:', 'postgresql:']),
    chainRpcUrl: readUrl(env, 'CHAIN_RPC_URL', ['http:', 'https:']),
    chainId,
    tokenAddress: readAddress(env, 'CHAIN_USDC_ADDRESS', USDC_POLYGON),
    startBlock: readInteger(env, 'CHAIN_START_BLOCK', 0, 0, Number.MAX_SAFE_INTEGER),
    relayers: readInteger(env, 'OMS_RELAYERS', DEFAULT_RELAYERS, 1, MAX_RELAYERS),
    otherTokens: readTokens(env, 'CHAIN_OTHER_TOKENS', otherTokensOf(chainId, isLocalChain)),
    isLocalChain,
    keyEncryptionKey: readKey(env, 'OMS_KEY_ENCRYPTION_KEY'),
    keyEncryptionKeyFile: join(home, 'keys', 'key-encryption-key'),
    pkcs11: readPkcs11(env, join(home, 'keys', 'key-encryption-key.wrapped')),
    seedFile: join(home, 'keys', 'seed.sealed'),
    signerSocket: env.OMS_SIGNER_SOCKET || socketPath(home),
    signerMaxSendMinor: readUsdc(env, 'OMS_SIGNER_MAX_SEND', DEFAULT_MAX_SEND),
    signerMaxDailyMinor: readUsdc(env, 'OMS_SIGNER_MAX_DAILY', DEFAULT_MAX_DAILY),
    reconciliationIntervalMs:
      readInteger(env, 'OMS_RECONCILIATION_MINUTES', DEFAULT_RECONCILIATION_MINUTES, 0, MAX_MINUTES) *
      MINUTE_MS,
    retention: {
      days: readInteger(env, 'OMS_EVENT_RETENTION_DAYS', DEFAULT_RETENTION_DAYS, 1, MAX_RETENTION_DAYS),
      events: BigInt(
        readInteger(env, 'OMS_EVENT_RETENTION_COUNT', DEFAULT_RETENTION_EVENTS, 1, Number.MAX_SAFE_INTEGER),
      ),
    },
    webhookTrustedHosts: readHosts(
      env,
      'OMS_WEBHOOK_TRUSTED_HOSTS',
      isLocalChain ? SANDBOX_TRUSTED_HOSTS : [],
    ),
    webhookNameServers: readNameServers(env, 'OMS_WEBHOOK_NAME_SERVERS'),
    rates: readRates(env, 'OMS_RATES'),
    ratesMaxAgeMs:
      readInteger(
        env,
        'OMS_RATES_MAX_AGE_SECONDS',
        DEFAULT_RATES_MAX_AGE_SECONDS,
        MIN_RATES_MAX_AGE_SECONDS,
        MAX_RATES_MAX_AGE_SECONDS,
      ) * SECOND_MS,
    publicUrl: readUrl(env, 'OMS_PUBLIC_URL', ['http:', 'https:']),
    trustedProxies: readProxies(env, 'OMS_TRUSTED_PROXIES'),
  };
}

/** The chain to settle on; `rpcUrl` is the operator's or the local one's. */
export const networkOf = (config: Config, rpcUrl: string): NetworkConfig => ({
  name: 'polygon',
  chainId: config.chainId,
  rpcUrl,
  tokenAddress: config.tokenAddress,
  tokenName: 'USD Coin',
  tokenVersion: '2',
  multicallAddress: MULTICALL3,
  otherTokens: config.otherTokens,
  startBlock: config.startBlock,
});

/** What clients are told of it; the api has no node of its own to ask. */
export const chainFactsOf = (config: Config) => ({
  name: 'polygon' as const,
  chainId: config.chainId,
  tokenAddress: config.tokenAddress,
  isLocal: config.isLocalChain,
});

/** A chain of our own is small enough to read everything; of others only what we know to be mistaken for USDC. */
function otherTokensOf(chainId: number, isLocalChain: boolean): OtherTokens {
  if (isLocalChain) return 'all';
  return chainId === POLYGON_CHAIN_ID ? USDC_LOOKALIKES_POLYGON : [];
}

function readInteger(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new ConfigError(`${name} must be a whole number from ${min} to ${max}.`);
}

function readUrl(env: Environment, name: string, protocols: readonly string[]): string | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (protocols.includes(URL.parse(text)?.protocol ?? '')) return text;
  throw new ConfigError(
    `${name} must be a URL that starts with ${protocols.map((each) => `${each}//`).join(' or ')}.`,
  );
}

function readAddress(env: Environment, name: string, fallback: string): string {
  const text = env[name];
  if (!text) return fallback;
  if (ADDRESS.test(text)) return text;
  throw new ConfigError(`${name} must be an address: 0x and 40 hexadecimal digits.`);
}

/** Empty text means none. */
function readTokens(env: Environment, name: string, fallback: OtherTokens): OtherTokens {
  if (env[name] === undefined) return fallback;
  if (env[name] === 'all') return 'all';
  const tokens = readList(env, name, []);
  if (tokens.every((each) => ADDRESS.test(each))) return tokens;
  throw new ConfigError(
    `${name} must be all, or addresses (0x and 40 hexadecimal digits) with commas between.`,
  );
}

/** Empty text means none. */
function readHosts(env: Environment, name: string, fallback: readonly string[]): readonly string[] {
  const hosts = readList(env, name, fallback).map((each) => each.toLowerCase());
  if (hosts.every((each) => URL.parse(`http://${each}/`)?.hostname === each)) return hosts;
  throw new ConfigError(
    `${name} must be hosts as in a URL, without ports, such as localhost,hooks.internal,10.0.0.7,[::1].`,
  );
}

function readProxies(env: Environment, name: string): readonly string[] {
  const proxies = readList(env, name, []);
  const isNetwork = (text: string): boolean => {
    const [address = '', bits = '0', ...more] = text.split('/');
    return (
      isIP(address) !== 0 &&
      /^\d{1,3}$/.test(bits) &&
      Number(bits) <= (isIP(address) === 4 ? 32 : 128) &&
      more.length === 0
    );
  };
  if (proxies.every(isNetwork)) return proxies;
  throw new ConfigError(`${name} must be addresses or networks such as 10.0.0.0/8 with commas between.`);
}

function readNameServers(env: Environment, name: string): readonly string[] | undefined {
  const servers = readList(env, name, []);
  if (servers.length === 0) return undefined;
  try {
    new Resolver().setServers(servers);
    return servers;
  } catch {
    throw new ConfigError(
      `${name} must be addresses of name servers such as 10.0.0.2:53 with commas between.`,
    );
  }
}

function readRates(env: Environment, name: string): RatesConfig {
  const text = env[name];
  if (!text || text === 'fixed') return { kind: 'fixed' };
  const url = URL.parse(text);
  if (url?.protocol === 'file:' && !url.host) return { kind: 'file', path: fileURLToPath(url) };
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { kind: 'http', url: text };
  throw new ConfigError(`${name} must be fixed, file:/path, or a URL that starts with http:// or https://.`);
}

function readUsdc(env: Environment, name: string, fallback: string): bigint {
  const minor = parseMinor(env[name] || fallback, 'usdc');
  if (minor !== undefined) return minor;
  throw new ConfigError(`${name} must be an amount of USDC such as 250000.00.`);
}

function readKey(env: Environment, name: string): string | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text;
  throw new ConfigError(`${name} must be 64 hexadecimal digits.`);
}

function readPkcs11(env: Environment, file: string): Config['pkcs11'] {
  const module = env.OMS_PKCS11_MODULE;
  if (!module) return undefined;
  if (env.OMS_KEY_ENCRYPTION_KEY) {
    throw new ConfigError('Set OMS_KEY_ENCRYPTION_KEY or OMS_PKCS11_MODULE, not both.');
  }
  const { OMS_PKCS11_TOKEN: tokenLabel, OMS_PKCS11_KEY_ID: keyId, OMS_PKCS11_PIN: pin } = env;
  if (!tokenLabel || !keyId || !pin || !/^([0-9a-fA-F]{2})+$/.test(keyId)) {
    throw new ConfigError(
      'OMS_PKCS11_MODULE needs OMS_PKCS11_TOKEN, OMS_PKCS11_PIN, and OMS_PKCS11_KEY_ID in hexadecimal.',
    );
  }
  return { module, tokenLabel, keyId, pin, file, env };
}

const readList = (env: Environment, name: string, fallback: readonly string[]): readonly string[] =>
  env[name] === undefined
    ? fallback
    : env[name]
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean);

function socketPath(home: string): string {
  const path = join(home, 'run', 'signer.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  const short = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(tmpdir(), `openoms-${short}`, 'signer.sock');
}
