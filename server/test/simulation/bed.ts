import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { hexToBytes } from 'viem/utils';
import type { KeyPrincipal } from '../../src/auth/principal.ts';
import { findCursor } from '../../src/chain/indexer/store.ts';
import { ANVIL_VERSION, type Anvil, findAnvilBinary, startAnvil } from '../../src/chain/local/anvil.ts';
import { BLOCK_GAS_LIMIT, DEPLOYER_KEY, genesisEntries } from '../../src/chain/local/genesis.ts';
import { JsonRpc } from '../../src/chain/rpc.ts';
import { encodeMint } from '../../src/chain/token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { addressOf } from '../../src/chain/token/secp256k1.ts';
import { VaultClient } from '../../src/chain/vault/client.ts';
import { Keys } from '../../src/chain/vault/keys.ts';
import { type RunningSigner, startSigner } from '../../src/chain/vault/main.ts';
import { signingLogOf } from '../../src/chain/vault/seed-file.ts';
import { Database, PLATFORM } from '../../src/db/database.ts';
import { assert, must } from '../../src/kernel/assert.ts';
import { type Clock, ManualClock, systemClock } from '../../src/kernel/clock.ts';
import { TypeIds } from '../../src/kernel/ids.ts';
import { keyEncryptionFromHex } from '../../src/kernel/key-encryption.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { BaseState } from './base-state.ts';
import { ChainControl } from './chain-control.ts';
import { Chance } from './chance.ts';
import { type Call, KEY_HEX, Life } from './life.ts';
import { FaultyDatabase } from './ports.ts';
import { FEE_SETTINGS, usdcOf } from './prices.ts';

/** When every run begins. */
const START = new Date('2026-01-01T00:00:00Z');
const CHAIN_ID = 137;
export const RPC_TIMEOUT_MS = 30_000;
const GAS_WEI = `0x${(10n ** 24n).toString(16)}`;
const ADDRESSES = 40;
const RELAYERS = 2;
const CUSTOMERS = 3;
const MAX_CONNECTIONS = 4;
/** The faucet's transfer and the mints are then final. */
const SETUP_BLOCKS = 6;
const FINALITY_DEPTH = 2;
const MAX_SETUP_TICKS = 40;
const OUTSIDER_MINOR = 10n ** 12n;
/** What each wallet is given; it spends some of it in the base. */
const WALLET_MINOR = 57_000_000n;
const PAYOUT_MINOR = 7_001_234n;
const MINT_GAS = 200_000n;
/** Of the seed file in server/src/chain/vault/seed-file.ts. */
const SEED_CONTEXT = 'openoms/vault/seed/v1';
const SEED_BYTES = 64;
const SEED_BYTE = 0x51;
/** The states of the blocks below a snapshot are gone after a return to it. */
const BLOCKS_AFTER_RETURN = 3;

export interface SimWallet {
  readonly walletId: string;
  readonly customerId: string;
  readonly address: string;
  readonly keyIndex: bigint;
  /** The customer's bank accounts, by rail. */
  readonly accounts: Readonly<Record<'ach' | 'wire', string>>;
}

/** A payout that the bank has when a run begins. */
export interface BegunPayout {
  readonly payer: SimWallet;
  readonly flow: 'ach' | 'wire';
  /** Of the source. */
  readonly minor: bigint;
  /** As the client was told it. */
  readonly quote: string;
  readonly transactionId: string;
}

/** What every run begins with. */
export interface Facts {
  readonly caller: KeyPrincipal;
  readonly wallets: readonly SimWallet[];
  readonly payouts: readonly BegunPayout[];
  readonly treasury: string;
  readonly location: { readonly id: string; readonly reference: string };
  /** Accounts that are not ours. */
  readonly outsiders: readonly Uint8Array[];
  /** The keys of our relayers, which nobody but the signer should have. */
  readonly relayers: readonly Uint8Array[];
  /** On the token's blacklist from the start and for ever. */
  readonly outlaw: string;
  readonly clockMs: number;
}

/** One run's own things; everything starts from the same state, to the byte. */
export interface Ground {
  readonly facts: Facts;
  readonly clock: ManualClock;
  readonly chain: ChainControl;
  readonly socketPath: string;
  /** The database without faults, for whoever looks on. */
  readonly db: Database;
  /** As the processes of the run have it. */
  readonly faultyDb: FaultyDatabase;
  /** Of webhooks. */
  readonly receiver: Receiver;
  startSigner(): Promise<RunningSigner>;
}

const QUOTE_SECONDS = 20;
const BANK_ACCOUNT = {
  type: 'usBank',
  owner: { name: 'Jane Smith', type: 'individual' },
  bankDetails: {
    accountNumber: '000123456789',
    routingNumber: '021000021',
    accountType: 'checking',
    bankName: 'Chase',
  },
};
const OUTSIDERS = [hexToBytes(`0x${'a1'.repeat(32)}`), hexToBytes(`0x${'b2'.repeat(32)}`)];
const OUTLAW = `0x${'0badbad0'.repeat(5)}`;

/** The expensive things, made once for many runs: a chain with the token, and a database with customers to copy. */
export class Bed {
  readonly #dir: string;
  readonly db: Database;
  readonly faultyDb: FaultyDatabase;
  readonly #anvil: Anvil;
  readonly #node: JsonRpc;
  #base: BaseState | undefined;
  #receiver: Receiver | undefined;
  #facts: Facts | undefined;
  #snapshot = '';
  #head = 0;
  #runs = 0;
  /** Of the run that is on. */
  #clock: Clock = systemClock;

  private constructor(dir: string, databaseUrl: string, anvil: Anvil) {
    this.#dir = dir;
    this.#anvil = anvil;
    this.#node = new JsonRpc({ url: anvil.rpc.url, timeoutMs: RPC_TIMEOUT_MS });
    const clock: Clock = { now: () => this.#clock.now() };
    this.db = new Database(databaseUrl, { maxConnections: MAX_CONNECTIONS, clock, log: silentLogger });
    this.faultyDb = new FaultyDatabase(databaseUrl, clock);
  }

  /** `databaseUrl`: the superuser's, of a migrated database that nobody else uses. */
  static async open(databaseUrl: string): Promise<Bed> {
    const dir = await mkdtemp(join(tmpdir(), 'oms-sim-'));
    const anvil = await startAnvil({
      binary: findAnvilBinary(process.platform, process.arch),
      dir,
      chainId: CHAIN_ID,
      genesisTimestamp: START.getTime() / 1_000,
      blockGasLimit: BLOCK_GAS_LIMIT,
    });
    const sealed = await keyEncryptionFromHex(KEY_HEX).seal(newSeed(), SEED_CONTEXT);
    await writeFile(join(dir, 'seed'), sealed, { mode: 0o600 });
    const bed = new Bed(dir, databaseUrl, anvil);
    await bed.#makeChain();
    await bed.#makeBase();
    bed.#base = await BaseState.keep(databaseUrl);
    bed.#receiver = await startReceiver();
    return bed;
  }

  async close(): Promise<void> {
    await this.#receiver?.close();
    await this.#base?.close();
    await this.faultyDb.close();
    await this.db.close();
    this.#node.close();
    await this.#anvil.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** Database and chain as they were, and a signer that has signed nothing. */
  async ground(): Promise<Ground> {
    const facts = must(this.#facts, 'the base is made');
    this.#runs += 1;
    const clock = new ManualClock(new Date(facts.clockMs));
    this.#clock = clock;
    const chain = await this.#returnToSnapshot(clock);
    await must(this.#base, 'the base is kept').restore();
    const socketPath = join(this.#dir, 'signer.sock');
    const seedFile = join(this.#dir, 'seed');
    await rm(signingLogOf(seedFile), { force: true });
    const { db, faultyDb } = this;
    const receiver = must(this.#receiver, 'the receiver listens');
    receiver.forget();
    receiver.answerWith({ status: 204 });
    return {
      facts,
      clock,
      chain,
      db,
      faultyDb,
      socketPath,
      receiver,
      startSigner: () => startSignerOn({ socketPath, seedFile, clock }),
    };
  }

  async #returnToSnapshot(clock: ManualClock): Promise<ChainControl> {
    assert(await this.#node.call('evm_revert', [this.#snapshot]), 'the snapshot is there');
    await this.#node.call('anvil_dropAllTransactions');
    this.#snapshot = await this.#node.call<string>('evm_snapshot');
    // A block of one run must not have the hash of another one's: anvil forgets old states by hash.
    await this.#node.call('anvil_setCoinbase', [`0x${this.#runs.toString(16).padStart(40, '0')}`]);
    const chain = new ChainControl(this.#node, clock, this.#head);
    await chain.calmBaseFee();
    await chain.mine(BLOCKS_AFTER_RETURN);
    return chain;
  }

  async #makeChain(): Promise<void> {
    const node = this.#node;
    await node.call('anvil_setBlockTimestampInterval', [0]);
    const timestamp = START.getTime() / 1_000;
    const genesis = { chainId: CHAIN_ID, timestamp, anvil: ANVIL_VERSION, blockGasLimit: BLOCK_GAS_LIMIT };
    for (const entry of await genesisEntries(genesis)) {
      if (entry.kind === 'transaction') await node.call('eth_sendRawTransaction', [entry.payload.raw]);
      if (entry.kind === 'call') await node.call(entry.payload.method, entry.payload.params);
      if (entry.kind === 'block') await node.call('evm_mine', [entry.payload.timestamp]);
    }
    this.#head = Number(await node.call<string>('eth_blockNumber'));
  }

  /** Customers with wallets and funds, through the product itself, with nothing going wrong. */
  async #makeBase(): Promise<void> {
    const clock = new ManualClock(START);
    this.#clock = clock;
    const socketPath = join(this.#dir, 'base.sock');
    const signer = await startSignerOn({ socketPath, seedFile: join(this.#dir, 'seed'), clock });
    const vault = new VaultClient({ socketPath, timeoutMs: RPC_TIMEOUT_MS });
    const { db } = this;
    const chance = new Chance('base');
    const life = new Life({
      db,
      vault,
      clock,
      rpc: new JsonRpc({ url: this.#anvil.rpc.url, timeoutMs: RPC_TIMEOUT_MS }),
      ids: new TypeIds(clock, (bytes) => chance.fill(bytes)),
      log: silentLogger,
      codes: chance,
    });
    const chain = new ChainControl(this.#node, clock, this.#head);
    try {
      for (let index = 0; index < RELAYERS; index++) {
        await this.#node.call('anvil_setBalance', [await vault.relayerAddress(index), GAS_WEI]);
      }
      await life.worker.chain.fillAddressPool(ADDRESSES);
      const made = await makeCustomers(life, db);
      await fund(chain, this.#node, made.wallets);
      await life.worker.drainJobs();
      await this.#settle(life, chain);
      const payouts = await payOut(life, made);
      await life.worker.chain.relayer.tick();
      await this.#settle(life, chain);
      await life.worker.drainJobs();
      this.#head = chain.head;
      this.#snapshot = await this.#node.call<string>('evm_snapshot');
      await chain.mine(FINALITY_DEPTH);
      await this.#index(life);
      this.#facts = { ...made, payouts, clockMs: clock.now().getTime() };
    } finally {
      await life.end();
      await signer.stop();
    }
  }

  async #settle(life: Life, chain: ChainControl): Promise<void> {
    await chain.mine(SETUP_BLOCKS);
    for (let tick = 0; await life.worker.chain.drainOnce(); tick++) {
      assert(tick < MAX_SETUP_TICKS, 'the base settles');
    }
  }

  /** Up to the snapshot's block, the last one whose state is there after a return to it. */
  async #index(life: Life): Promise<void> {
    for (let tick = 0; await life.worker.chain.drainOnce(); tick++) {
      assert(tick < MAX_SETUP_TICKS, 'the base settles');
    }
    const { db } = life.context;
    await db.tx(PLATFORM, (tx) => tx.query('delete from chain_blocks'));
    const cursor = must(await findCursor(db, 'polygon'), 'the indexer has begun');
    assert(cursor.number === this.#head, 'everything up to the snapshot is settled');
  }
}

async function makeCustomers(life: Life, db: Database): Promise<Omit<Facts, 'clockMs' | 'payouts'>> {
  const { projectId, apiKey } = await life.context.projects.create({
    name: 'Simulation',
    mode: 'sandbox',
    fromFaucet: true,
  });
  const caller: KeyPrincipal = { kind: 'apiKey', projectId, apiKey, mode: 'sandbox' };
  const make = async (operationId: string, call: object) =>
    must((await ask(life, caller, { operationId, ...call })).id, 'an id');
  await ask(life, caller, {
    operationId: 'updateSettings',
    body: { ...FEE_SETTINGS, quoteLifetimeSeconds: QUOTE_SECONDS, pace: 'manual' },
  });
  const accountsOf = new Map<string, SimWallet['accounts']>();
  for (let i = 0; i < CUSTOMERS; i++) {
    const customerId = await make('createCustomer', { key: `customer-${i}`, body: EXAMPLE_CUSTOMER });
    const params = { customerId };
    const body = { asset: 'usdc', chain: 'polygon' };
    await ask(life, caller, { operationId: 'simulateEndorsements', params, body: { event: 'granted' } });
    await make('createWallet', { key: `wallet-${i}`, params, body });
    const account = (network: 'ach' | 'wire'): Promise<string> =>
      make('createExternalAccount', { key: `${network}-${i}`, params, body: { ...BANK_ACCOUNT, network } });
    accountsOf.set(customerId, { ach: await account('ach'), wire: await account('wire') });
  }
  const rows = await db.tx(projectId, (tx) =>
    tx.query<Omit<SimWallet, 'accounts'>>(
      `select wallet_id "walletId", customer_id "customerId", address, key_index "keyIndex" from wallets
       order by wallet_id`,
    ),
  );
  const wallets = rows.map((row) => ({
    ...row,
    accounts: must(accountsOf.get(row.customerId), 'each customer has accounts'),
  }));
  const treasury = await db.tx(projectId, (tx) => life.context.treasuries.get(tx));
  const found = life.context.providers.cashNetwork.nearest({
    provider: 'greendot',
    flow: 'cashIn',
    latitude: 38.495133,
    longitude: -121.505336,
    limit: 1,
  });
  const { location } = must(found[0], 'a place that takes cash');
  return {
    caller,
    wallets,
    treasury: treasury.address,
    location: { id: location.locationId, reference: location.reference },
    outsiders: OUTSIDERS,
    relayers: relayerKeys(),
    outlaw: OUTLAW,
  };
}

/** Payouts of every customer, whose tokens are then on their way. */
async function payOut(
  life: Life,
  { caller, wallets }: Pick<Facts, 'caller' | 'wallets'>,
): Promise<BegunPayout[]> {
  const payouts: BegunPayout[] = [];
  for (const [index, payer] of wallets.entries()) {
    const flow = index === 1 ? ('wire' as const) : ('ach' as const);
    const minor = PAYOUT_MINOR - BigInt(index);
    const quote = await ask(life, caller, {
      operationId: 'createQuote',
      key: `quote-${index}`,
      body: {
        customerId: payer.customerId,
        source: { walletId: payer.walletId, asset: 'usdc', network: 'polygon', amount: usdcOf(minor) },
        destination: { wallet: { externalAccount: payer.accounts[flow] }, asset: 'usd', network: flow },
      },
    });
    const body = { quoteId: quote.id };
    const key = `payout-${index}`;
    const { id } = await ask(life, caller, { operationId: 'createTransaction', key, body });
    payouts.push({ payer, flow, minor, quote: JSON.stringify(quote), transactionId: must(id, 'an id') });
  }
  return payouts;
}

/** What is answered when nothing goes wrong. */
async function ask(life: Life, caller: KeyPrincipal, call: Call): Promise<Record<string, string>> {
  const answer = await life.call(caller, call);
  assert(answer.isKnown && answer.status < 300, `${call.operationId}: ${JSON.stringify(answer)}`);
  return JSON.parse(answer.text) as Record<string, string>;
}

/** The same for all runs, so that addresses, hashes and gas are. */
const newSeed = (): Buffer => Buffer.alloc(SEED_BYTES, SEED_BYTE);

function relayerKeys(): Uint8Array[] {
  const keys = new Keys(newSeed());
  return Array.from({ length: RELAYERS }, (_, index) => keys.use('relayer', index, (key) => key.slice()));
}

async function fund(chain: ChainControl, node: JsonRpc, wallets: readonly SimWallet[]): Promise<void> {
  const mint = (to: string, minor: bigint): Promise<string> =>
    chain.submit(DEPLOYER_KEY, USDC_POLYGON, encodeMint(to, minor), MINT_GAS);
  for (const key of OUTSIDERS) {
    await node.call('anvil_setBalance', [addressOf(key), GAS_WEI]);
    await mint(addressOf(key), OUTSIDER_MINOR);
  }
  for (const { address } of wallets) await mint(address, WALLET_MINOR);
  await chain.govern('blacklist', OUTLAW);
}

function startSignerOn(options: {
  readonly socketPath: string;
  readonly seedFile: string;
  readonly clock: ManualClock;
}): Promise<RunningSigner> {
  return startSigner({
    ...options,
    keyEncryption: keyEncryptionFromHex(KEY_HEX),
    log: silentLogger,
    policy: {
      signsWithPublicKeys: true,
      tokens: [
        {
          chainId: CHAIN_ID,
          contract: USDC_POLYGON,
          name: 'USD Coin',
          version: '2',
          multicall: MULTICALL3,
          maxSendMinor: 10n ** 12n,
          maxDailyMinor: 10n ** 15n,
          maxFeePerGas: 10n ** 13n,
          maxGas: 20_000_000n,
        },
      ],
    },
  });
}
