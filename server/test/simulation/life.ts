import type { KeyPrincipal } from '../../src/auth/principal.ts';
import { cashInRoutes } from '../../src/cash-ins/routes.ts';
import type { RelayerSettings } from '../../src/chain/relayer/fees.ts';
import { POLYGON_RELAYER } from '../../src/chain/relayer/fees.ts';
import type { JsonRpc } from '../../src/chain/rpc.ts';
import { MULTICALL3, USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import type { VaultClient } from '../../src/chain/vault/client.ts';
import { type Context, createContext } from '../../src/context.ts';
import { customerRoutes } from '../../src/customers/routes.ts';
import type { Database } from '../../src/db/database.ts';
import { externalAccountRoutes } from '../../src/external-accounts/routes.ts';
import { Executor } from '../../src/http/execute.ts';
import { Idempotency } from '../../src/http/idempotency.ts';
import type { Route } from '../../src/http/operation.ts';
import { must } from '../../src/kernel/assert.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { ApiError } from '../../src/kernel/errors.ts';
import type { Ids } from '../../src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../../src/kernel/key-encryption.ts';
import type { Logger } from '../../src/kernel/log.ts';
import { sandboxProviders } from '../../src/providers/registry.ts';
import { SandboxCashNetwork } from '../../src/providers/sandbox/cash-network.ts';
import { sandboxRoutes } from '../../src/providers/sandbox/routes.ts';
import { quoteRoutes } from '../../src/quotes/routes.ts';
import { settingsRoutes } from '../../src/settings/routes.ts';
import { transactionRoutes } from '../../src/transactions/routes.ts';
import { walletRoutes } from '../../src/wallets/routes.ts';
import { webhookRoutes } from '../../src/webhooks/routes.ts';
import { createWorker, type Worker } from '../../src/worker.ts';
import type { Chance } from './chance.ts';
import { RATE } from './prices.ts';

/** So that an exchange leaves something over. */
const RATES = { kind: 'fixed', rates: { 'usdc/usd': RATE } } as const;
export const KEY_HEX = '5a'.repeat(32);

/** Two accounts and small batches: a handful of sends is several transactions of both. */
const SETTINGS: RelayerSettings = { ...POLYGON_RELAYER, relayers: 2, maxBatch: 3, maxInFlight: 4 };

export interface LifeOptions {
  readonly db: Database;
  readonly rpc: JsonRpc;
  readonly vault: VaultClient;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Of deposit codes. */
  readonly codes: Chance;
}

export interface Call {
  readonly operationId: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Idempotency key. */
  readonly key?: string;
}

/** What a client sees: an answer, or none, after which anything may have happened. */
export type Answer =
  | { readonly isKnown: true; readonly status: number; readonly text: string; readonly isReplay: boolean }
  | { readonly isKnown: false; readonly error: Error };

/** Codes that a seed decides. */
class SeededCashNetwork extends SandboxCashNetwork {
  readonly #codes: Chance;

  constructor(codes: Chance) {
    super();
    this.#codes = codes;
  }

  override newCode(): string {
    const letters = Array.from({ length: 4 }, () => this.#codes.pick([...'ABCDEFGHJK'])).join('');
    return `${letters} ${this.#codes.between(100_000, 999_999)}`;
  }
}

/** The server's processes, api and worker, from a start to a death. All they have in memory is here. */
export class Life {
  readonly context: Context;
  readonly worker: Worker;
  readonly #vault: VaultClient;
  readonly #executor: Executor;
  readonly #routes: ReadonlyMap<string, Route>;
  #requests = 0;

  constructor({ rpc, vault, codes, ...options }: LifeOptions) {
    this.context = createContext({
      ...options,
      wallClock: options.clock,
      keyEncryption: keyEncryptionFromHex(KEY_HEX),
      providers: { ...sandboxProviders(RATES), cashNetwork: new SeededCashNetwork(codes) },
      egress: { trustedHosts: ['127.0.0.1'] },
      chainFacts: { name: 'polygon', chainId: 137, tokenAddress: USDC_POLYGON, isLocal: true },
    });
    this.#vault = vault;
    this.worker = createWorker({
      context: this.context,
      vault,
      rpc,
      isLocalChain: true,
      deliveriesAtOnce: 1,
      relayerSettings: SETTINGS,
      random: () => 0.5,
      network: {
        name: 'polygon',
        chainId: 137,
        rpcUrl: rpc.url,
        tokenAddress: USDC_POLYGON,
        tokenName: 'USD Coin',
        tokenVersion: '2',
        multicallAddress: MULTICALL3,
        startBlock: 0,
        otherTokens: 'all',
      },
    });
    const { clock, keyEncryption, cashIns, customers, wallets, webhooks } = this.context;
    const { externalAccounts, quotes, transactions, execution, settings } = this.context;
    const idempotency = new Idempotency(clock, keyEncryption.derive('idempotency-fingerprint'));
    this.#executor = new Executor({ ...this.context, idempotency });
    const routes = [
      ...customerRoutes(customers),
      ...walletRoutes(wallets),
      ...cashInRoutes(cashIns, this.context.providers.cashNetwork),
      ...sandboxRoutes(this.context),
      ...externalAccountRoutes(externalAccounts),
      ...quoteRoutes(quotes),
      ...transactionRoutes(transactions, execution, customers),
      ...settingsRoutes(settings),
      ...webhookRoutes(webhooks, this.context.audit),
    ];
    this.#routes = new Map(routes.map((route) => [route.operation.operationId, route]));
  }

  /** A validated request, as the HTTP server hands it on. */
  async call(caller: KeyPrincipal, { operationId, params = {}, body, key }: Call): Promise<Answer> {
    const route = must(this.#routes.get(operationId), operationId);
    const { method, path: pattern } = route.operation;
    const path = pattern.replace(/:(\w+)/g, (_, name: string) => must(params[name], name));
    try {
      const {
        status,
        body: text,
        replayed,
      } = await this.#executor.run({
        route,
        principal: caller,
        idempotencyKey: key,
        method,
        path,
        params,
        query: {},
        body,
        requestId: `req_${++this.#requests}`,
        scenario: undefined,
        serialize: (value) => JSON.stringify(value),
      });
      return { isKnown: true, status, text, isReplay: replayed };
    } catch (error) {
      if (error instanceof ApiError) {
        const text = JSON.stringify({ code: error.code, message: error.message });
        return { isKnown: true, status: error.status, text, isReplay: false };
      }
      return { isKnown: false, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  /** Nothing of it is left. Its database pool is another's. */
  async end(): Promise<void> {
    await this.worker.stop();
    this.#vault.close();
  }
}
