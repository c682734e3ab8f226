import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { CashLocation } from '@openoms/contract/cash-locations.ts';
import { type Customer, EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { SandboxClockChange, SandboxClockRequest } from '@openoms/contract/sandbox-clock.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { type CallOptions, OpenOMS } from '@openoms/sdk';
import { createApi } from '../src/api.ts';
import type { Mode } from '../src/auth/api-keys.ts';
import { finalBalancesOf } from '../src/chain/final-balance.ts';
import { LocalFaucet } from '../src/chain/local/faucet.ts';
import { DEPLOYER_FEES, DEPLOYER_KEY } from '../src/chain/local/genesis.ts';
import { startLocalChain } from '../src/chain/local/start.ts';
import { JsonRpc } from '../src/chain/rpc.ts';
import { decodeUint, encodeBalanceOf } from '../src/chain/token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { addressOf } from '../src/chain/token/secp256k1.ts';
import { signTransaction } from '../src/chain/token/transaction.ts';
import { chainTroubleOf } from '../src/chain/trouble-source.ts';
import { VaultClient } from '../src/chain/vault/client.ts';
import type { TestSignerOptions } from '../src/chain/vault/signer-process.testing.ts';
import { createContext } from '../src/context.ts';
import { PLATFORM, type Row } from '../src/db/database.ts';
import { checkInvariants } from '../src/invariants/check.ts';
import { assert, must } from '../src/kernel/assert.ts';
import { type Clock, ManualClock, systemClock } from '../src/kernel/clock.ts';
import type { EgressPolicy } from '../src/kernel/egress.ts';
import { TypeIds } from '../src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../src/kernel/key-encryption.ts';
import type { LogFields, Logger } from '../src/kernel/log.ts';
import { parseMinor } from '../src/kernel/money.ts';
import { chainBatches } from '../src/ledger/journal-chain.ts';
import type { Credentials } from '../src/projects/service.ts';
import { sandboxProviders } from '../src/providers/registry.ts';
import { createWorker } from '../src/worker.ts';
import { checkConformance } from './conformance.ts';
import { asSuperuser, createTestDatabase } from './postgres.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** The key-encryption key of every world. */
export const KEY_HEX = '5a'.repeat(32);
/** As many as an api process has. */
const MAX_CONNECTIONS = 24;
const ADDRESSES = 200;
const GAS_WEI = 10n ** 24n;
const RPC_TIMEOUT_MS = 10_000;
const POLYGON_CHAIN_ID = 137;
/** A transaction is final when two blocks are on top of it. */
const TRAILING_BLOCKS = 3;
/** Between steps of the worker while a request waits for it. */
const WORKER_PAUSE_MS = 5;
const MAX_DRAIN_ROUNDS = 200;
const MAX_CAUSES = 5;

/** The place that the contract's samples name; it takes up to $500. */
const SACRAMENTO = { provider: 'greendot', latitude: 38.495133, longitude: -121.505336 } as const;

export type World = Awaited<ReturnType<typeof createWorld>>;

export interface Project extends Credentials {
  readonly client: OpenOMS;
  /** A bearer token that is exchanged once. */
  token(): Promise<string>;
}

export interface RawRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the first project. `null` sends no token. */
  readonly as?: Project | null;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects; the contract was checked.
  readonly json: any;
}

/**
 * A whole instance in this process, on the real things: a database of its own, a chain with Circle's contract, the
 * signer in its process. The api listens; the worker moves only in `drain`, on a clock that moves only by `advance`.
 */
export async function createWorld(options: WorldOptions = {}) {
  const closers: Closer[] = [];
  try {
    return await build(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

interface NewProject {
  readonly mode?: Mode;
  readonly name?: string;
  /** Whether the faucet fills its treasury; by default a sandbox project's. */
  readonly fromFaucet?: boolean;
}

interface WorldOptions {
  /** Of bearer tokens and webhook signatures; the system's by default. */
  readonly wallClock?: Clock;
  /** How long a webhook endpoint has for its answer; 15 s by default. */
  readonly webhookTimeoutMs?: number;
  /** Where webhooks may go; by default to the loopback and the public internet. */
  readonly egress?: EgressPolicy;
}

interface CashOutOptions {
  readonly client?: OpenOMS;
  readonly dollars?: string;
  readonly at?: CashLocation;
  readonly scenario?: string;
}

type Closer = () => Promise<unknown>;

/** Ends what was opened, the last first. */
async function closeAll(closers: Closer[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

async function build(options: WorldOptions, closers: Closer[]) {
  const dir = await mkdtemp(join(tmpdir(), 'oms-world-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  const clock = new ManualClock(systemClock.now());
  const logged: string[] = [];
  const log = recordingLogger(logged);
  const startingSigner = startSignerProcess(dir);
  let stopSigner = async (): Promise<void> => void (await (await startingSigner)());
  closers.push(() => stopSigner());
  const database = await createTestDatabase({ maxConnections: MAX_CONNECTIONS, clock });
  closers.push(() => database.drop());
  const { db } = database;
  await startingSigner;
  const vault = new VaultClient({ socketPath: join(dir, 'signer.sock'), timeoutMs: RPC_TIMEOUT_MS });
  closers.push(async () => vault.close());
  const context = createContext({
    db,
    clock,
    wallClock: options.wallClock ?? systemClock,
    ids: new TypeIds(clock),
    log,
    keyEncryption: keyEncryptionFromHex(KEY_HEX),
    providers: sandboxProviders(),
    egress: options.egress ?? { trustedHosts: ['localhost', '127.0.0.1', '[::1]'] },
    chainFacts: { name: 'polygon', chainId: POLYGON_CHAIN_ID, tokenAddress: USDC_POLYGON, isLocal: true },
    askFinalBalance: (address) => finalBalancesOf(chain.url, USDC_POLYGON)(address),
  });
  const chain = await startLocalChain({
    store: db.pool,
    dir: join(dir, 'chain'),
    clock,
    log,
    chainId: POLYGON_CHAIN_ID,
    mining: 'manual',
    trouble: chainTroubleOf(context, 'polygon'),
  });
  closers.push(() => chain.stop());
  const worker = createWorker({
    context,
    network: {
      name: 'polygon',
      chainId: chain.chainId,
      rpcUrl: chain.url,
      tokenAddress: USDC_POLYGON,
      tokenName: 'USD Coin',
      tokenVersion: '2',
      multicallAddress: MULTICALL3,
      otherTokens: 'all',
      startBlock: 0,
    },
    vault,
    isLocalChain: true,
    random: () => 0.5,
    ...(options.webhookTimeoutMs && { webhookTimeoutMs: options.webhookTimeoutMs }),
  });
  closers.push(() => worker.stop());
  const node = new JsonRpc({ url: chain.url, timeoutMs: RPC_TIMEOUT_MS });
  closers.push(async () => node.close());
  await chain.fundGas(await vault.relayerAddress(0), GAS_WEI);
  await worker.chain.check();
  await worker.chain.fillAddressPool(ADDRESSES);
  const api = await createApi(context);
  closers.push(() => api.close());
  await api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = must(api.server.address(), 'a listening api has an address') as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;

  /** Each answer, the SDK's too, is held against the contract. */
  const conformingFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    checkConformance(init?.method ?? 'GET', String(input), response, await response.clone().text());
    return response;
  };

  async function newProject(project: NewProject = {}): Promise<Project> {
    const { mode = 'sandbox', name = 'Test', fromFaucet = mode === 'sandbox' } = project;
    const credentials = await context.projects.create({ name, mode, fromFaucet });
    const { apiKey, apiSecret } = credentials;
    const client = new OpenOMS({ baseUrl, apiKey, apiSecret, maxRetries: 0, fetch: conformingFetch });
    let token: Promise<string> | undefined;
    return {
      ...credentials,
      client,
      token: () => {
        token ??= client
          .request('createToken', { body: { apiKey, apiSecret } })
          .then(({ accessToken }) => accessToken);
        return token;
      },
    };
  }

  const first = await newProject();
  let keyCount = 0;
  let trailing = 0;

  /** A step of the worker, and a block while one is wanted; false when there was nothing to do. */
  async function step(): Promise<boolean> {
    const ran = await worker.drainJobs();
    const progress = await worker.chain.drainOnce();
    if ((await chain.pendingCount()) > 0) trailing = TRAILING_BLOCKS + 1;
    const wantsBlock = trailing > 0;
    if (wantsBlock) await chain.mine();
    if (wantsBlock) trailing -= 1;
    return ran > 0 || progress || wantsBlock;
  }

  const world = {
    project: first,
    client: first.client,
    baseUrl,
    databaseUrl: database.url,
    context,
    clock,
    chain,
    vault,
    /** One JSON line each, as the server's own logger would write it. */
    logged,
    /** Ends the signer's process; `startSigner` starts one on whatever lies at `seedFile`. */
    stopSigner: () => stopSigner(),
    async startSigner(): Promise<void> {
      stopSigner = await startSignerProcess(dir);
    },
    /** As when its process starts; throws what keeps it from starting. */
    startWorker: () => worker.start(),
    fillAddressPool: (target: number) => worker.chain.fillAddressPool(target),
    /** As `OMS_HOME` has it: everything of the instance lies there. */
    home: dir,
    seedFile: seedFileIn(dir),
    keyEncryption: context.keyEncryption,
    newProject,

    /** A request as bytes on the wire. A string is sent as it is; anything else as JSON. */
    async fetch(method: string, path: string, request: RawRequest = {}): Promise<RawReply> {
      const { body, headers = {}, as = first } = request;
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await conformingFetch(baseUrl + path, {
        method,
        headers: {
          ...(as && { authorization: `Bearer ${await as.token()}` }),
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(text !== undefined && { body: text }),
      });
      const answer = await response.text();
      const json: unknown = answer.startsWith('{') ? JSON.parse(answer) : undefined;
      return { status: response.status, headers: response.headers, text: answer, json };
    },

    /** An idempotency key that no one used. */
    key: (): string => `key-${++keyCount}`,

    /** Runs the worker and mines until nothing changes. Throws when a job failed, unless that is expected. */
    async drain({ expectFailures = false } = {}): Promise<void> {
      for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
        if (await step()) continue;
        if (!expectFailures) await world.requireNoFailedJob();
        return;
      }
      assert(false, `still moving after ${MAX_DRAIN_ROUNDS} rounds`);
    },

    /** What the worker does every second: batches of the ledger into their project's chain. */
    async chainLedger(): Promise<void> {
      while (await db.tx(first.projectId, chainBatches));
    },

    async requireNoFailedJob(): Promise<void> {
      const [failed] = await db.tx(PLATFORM, (tx) =>
        tx.query<{ task: string; last_error: string }>(
          'select task, last_error from jobs where last_error is not null limit 1',
        ),
      );
      assert(!failed, `a job failed: ${failed?.task}: ${failed?.last_error}`);
    },

    /** Moves business time; what falls due runs in the next `drain`. */
    advance: (durationMs: number): void => clock.advance(durationMs),

    /** Sets the clock of a project, with the worker at work meanwhile. */
    setClock: (
      body: SandboxClockRequest,
      client = first.client,
      options: CallOptions = {},
    ): Promise<SandboxClockChange> => world.during(client.sandbox.clock.set(body, options)),

    /** With the worker at work until it is over: for requests that wait for it. */
    async during<T>(request: Promise<T>): Promise<T> {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      request.then(over, over);
      while (!isOver) {
        await step();
        await new Promise((resolve) => setTimeout(resolve, WORKER_PAUSE_MS));
      }
      return request;
    },

    /** So many blocks that whatever was done to the chain is final, and read. */
    async mineUntilFinal(): Promise<void> {
      for (let block = 0; block <= TRAILING_BLOCKS; block++) await chain.mine();
      await world.drain();
    },

    async receiver(): Promise<Receiver> {
      const receiver = await startReceiver();
      closers.push(() => receiver.close());
      return receiver;
    },

    /** As the owner of the database: for states that no operation leads to. */
    sql: <R extends Row>(text: string, values: unknown[] = []): Promise<R[]> =>
      asSuperuser(database.url, async (client) => (await client.query<R>(text, values)).rows),

    /** The same with the database's own guards off: for what it would refuse even its owner. */
    force: (text: string, values: unknown[] = []): Promise<unknown> =>
      asSuperuser(database.url, async (client) => {
        await client.query(`set session_replication_role = 'replica'`);
        return client.query(text, values);
      }),

    /** USDC in minor units, asked of the token contract. */
    async tokenBalance(address: string): Promise<bigint> {
      const call = { to: USDC_POLYGON, data: encodeBalanceOf(address) };
      return decodeUint(await node.call<string>('eth_call', [call, 'latest']));
    },

    /** Calls the token as the account that owns, pauses and blacklists, in a block of its own. */
    async callToken(data: string): Promise<void> {
      const nonce = await node.call<string>('eth_getTransactionCount', [addressOf(DEPLOYER_KEY), 'pending']);
      const call = { chainId: chain.chainId, gas: 200_000n, ...DEPLOYER_FEES, to: USDC_POLYGON, data };
      const { raw } = signTransaction(DEPLOYER_KEY, { ...call, nonce: Number(nonce) });
      await node.call('eth_sendRawTransaction', [raw]);
      await chain.mine();
    },

    /** The customer of get-started.md, with all that a fiat account needs. */
    provisionedCustomer: (client = first.client): Promise<Customer> =>
      client.customers.create(EXAMPLE_CUSTOMER),

    wallet: (customer: Pick<Customer, 'id'>, client = first.client): Promise<Wallet> =>
      client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' }),

    /** A new wallet whose money came from the faucet, by an ordinary transfer. */
    async fundedWallet(
      customer: Pick<Customer, 'id'>,
      dollars: string,
      client = first.client,
    ): Promise<Wallet> {
      const wallet = await world.wallet(customer, client);
      const minor = must(parseMinor(dollars, 'usdc'), 'an amount');
      await new LocalFaucet(node, chain.chainId).topUp(wallet.address, minor);
      await world.drain();
      return wallet;
    },

    /** Fills the treasury of a project that was made without. */
    async fundTreasury({ projectId }: Project, dollars: string): Promise<void> {
      const { address } = await db.tx(projectId, (tx) => context.treasuries.get(tx));
      const minor = must(parseMinor(dollars, 'usdc'), 'an amount');
      await new LocalFaucet(node, chain.chainId).topUp(address, minor);
      await world.drain();
    },

    /** The nearest till to Sacramento that takes this much (dollars), by default $500. */
    async location(minDollars = 500): Promise<CashLocation> {
      const locations = await first.client.cashLocations.list({ ...SACRAMENTO, limit: 100 }).take(100);
      const wanted = minDollars > 500 ? (each: CashLocation) => each.name.startsWith('Walmart') : () => true;
      return must(locations.find(wanted), 'a cash location');
    },

    async cashIn(
      wallet: Pick<Wallet, 'id' | 'customerId'>,
      { client = first.client, dollars = '100.00', minDollars = 500 } = {},
    ): Promise<CashIn> {
      return client.cashIns.create(await world.cashInBody(wallet, dollars, minDollars));
    },

    /** A request body as in get-started.md. */
    async cashInBody(wallet: Pick<Wallet, 'id' | 'customerId'>, dollars = '100.00', minDollars = 500) {
      const location = await world.location(minDollars);
      return {
        customerId: wallet.customerId,
        destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
        cash: {
          cashLocationId: location.id,
          cashLocationReference: location.cashLocationReference,
        },
        source: { asset: 'usd' as const, indicatedAmount: dollars },
      };
    },

    /** The nearest place to Sacramento that pays out. */
    async payoutPlace(): Promise<CashLocation> {
      const places = await first.client.cashLocations.list({ ...SACRAMENTO, flow: 'cashOut' }).take(1);
      return must(places[0], 'a place that pays out');
    },

    /** Turns money of a wallet into cash at a place; once drained, the cash is ready. */
    async cashOut(
      wallet: Pick<Wallet, 'id' | 'customerId'>,
      { client = first.client, dollars = '40.00', at, ...options }: CashOutOptions = {},
    ): Promise<Transaction> {
      const { id: locationId, locationReference } = at ?? (await world.payoutPlace());
      const quote = await client.quotes.create({
        customerId: wallet.customerId,
        source: { walletId: wallet.id, asset: 'usdc', network: 'polygon' },
        destination: {
          cash: { locationId, locationReference },
          asset: 'usd',
          network: 'cash',
          amount: dollars,
        },
      });
      return client.transactions.create({ quoteId: quote.id }, options);
    },

    /** The customer hands over cash: the till reads the code and commits. */
    async payAtTill(cashIn: CashIn, dollars: string, client = first.client) {
      const authorization = await world.authorizeAtTill(cashIn, dollars, client);
      return client.simulate.authCommit(authorization);
    },

    /** The till reads the code; the answer is what commits it. */
    async authorizeAtTill(cashIn: CashIn, dollars: string, client = first.client) {
      const barcode = must(cashIn.depositInstructions, 'a cash-in has a code').code;
      const read = await client.simulate.barcodeAuth({ barcode, amount: dollars });
      return {
        accountNumber: read.accountNumber,
        accountReferenceNumber: read.accountReferenceNumber,
        amount: dollars,
        originalConfirmationId: read.confirmationId,
      };
    },

    /** Everything that must always be true of the books. */
    async checkInvariants(): Promise<void> {
      const findings = await checkInvariants(db, { rpc: node, token: USDC_POLYGON });
      assert(findings.length === 0, `invariants broken: ${JSON.stringify(findings, null, 2)}`);
    },

    /** Lets everything come to rest, holds it against the invariants, and ends it. */
    async close({ expectFailures = false } = {}): Promise<void> {
      try {
        await world.drain({ expectFailures });
        await world.checkInvariants();
      } finally {
        await closeAll(closers);
      }
    },
  };
  await world.drain();
  return world;
}

/** Where an instance whose home this is keeps its sealed seed. */
const seedFileIn = (home: string): string => join(home, 'keys', 'seed.sealed');

/** Answers what ends it. */
async function startSignerProcess(dir: string): Promise<() => Promise<void>> {
  await mkdir(dirname(seedFileIn(dir)), { recursive: true });
  const options: TestSignerOptions = {
    socketPath: join(dir, 'signer.sock'),
    seedFile: seedFileIn(dir),
    keyHex: KEY_HEX,
    maxSendMinor: (10n ** 12n).toString(),
    contract: USDC_POLYGON,
    multicall: MULTICALL3,
  };
  const script = new URL('../src/chain/vault/signer-process.testing.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const [message] = await once(child, 'message');
  assert(message === 'ready', 'the signer is ready');
  let ended: Promise<unknown> | undefined;
  return async () => {
    ended ??= once(child, 'exit');
    if (child.connected) child.disconnect();
    await ended;
  };
}

/** Keeps what log.ts would print, and shows as much of an error as it does. */
function recordingLogger(lines: string[]): Logger {
  const record = (level: string) => (fields: LogFields, message: string) => {
    const shown = Object.entries(fields).map(([name, value]) => [name, describe(value, 1)]);
    lines.push(JSON.stringify({ level, message, ...Object.fromEntries(shown) }));
  };
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
}

function describe(value: unknown, depth: number): unknown {
  if (!(value instanceof Error)) return value;
  const cause =
    depth < MAX_CAUSES && value.cause !== undefined ? describe(value.cause, depth + 1) : undefined;
  return { name: value.name, message: value.message, stack: value.stack, cause };
}
