import type { PoolAddress } from '../../src/chain/addresses.ts';
import { DEPLOYER_KEY } from '../../src/chain/local/genesis.ts';
import type { SendFailureCode } from '../../src/chain/sends.ts';
import { decodeUint, encodeBalanceOf } from '../../src/chain/token/calls.ts';
import { USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { must } from '../../src/kernel/assert.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/kernel/clock.ts';
import { randomHex } from '../../src/kernel/crypto.ts';
import type { Bed } from './bed.ts';

/** A failure, how it is brought about, and what must come of it. */
export interface Drill {
  readonly name: string;
  readonly cause: string;
  /** Requests sends and injects the cause; what it takes away and does not give back, `heal` does. */
  inject(round: Round): Promise<void>;
  /** Once every send has its outcome. */
  heal?(round: Round): Promise<void>;
  /** Paid, each once; `victims` fail with the code, certain never to be paid. Renewed: by a later authorization. */
  readonly expect: 'paid' | 'paid, renewed' | SendFailureCode;
  /** Part of every test run; the others run in campaigns only. */
  readonly isQuick: boolean;
}

export interface Planned {
  readonly sendId: string;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly isVictim: boolean;
}

const FUNDS = 1_000n;
/** Mints are then final. */
const MINT_DEPTH = 3;
const STEP_MS = 2 * SECOND_MS;
const MAX_STEPS = 160;
/** What settles by itself has done so by then. */
const STEPS_PER_ERA = 24;
const ERA_MS = 21 * MINUTE_MS;

/** mulberry32: a round follows from its seed. */
export function randomBelow(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % limit;
  };
}

/** One run of a drill: its wallets, its sends, and the chance that varies it. */
export class Round {
  readonly bed: Bed;
  readonly below: (limit: number) => number;
  readonly sends: Planned[] = [];
  readonly funded = new Map<string, bigint>();
  /** Head of the chain when the round began. */
  readonly startBlock: string;
  readonly #payers: readonly PoolAddress[];

  private constructor(bed: Bed, seed: number, startBlock: string, payers: readonly PoolAddress[]) {
    this.bed = bed;
    this.below = randomBelow(seed);
    this.startBlock = startBlock;
    this.#payers = payers;
    for (const { address } of payers) this.funded.set(address, FUNDS);
  }

  static async begin(bed: Bed, seed: number): Promise<Round> {
    const startBlock = await bed.node.call<string>('eth_blockNumber');
    const payers = await Promise.all(Array.from({ length: 2 + (seed % 3) }, () => takeWallet(bed)));
    for (const { address } of payers) await bed.local.mintUsdc(address, FUNDS);
    const round = new Round(bed, seed, startBlock, payers);
    for (let i = 0; i <= MINT_DEPTH; i++) await round.step();
    return round;
  }

  /** Between `least` and twice as many sends to addresses that nobody used. */
  async pay(least = 1 + this.below(4)): Promise<readonly Planned[]> {
    const count = least + this.below(least + 1);
    const planned: Planned[] = [];
    for (let i = 0; i < count; i++) planned.push(await this.send({}));
    return planned;
  }

  /** One that can never be paid. */
  victim(given: { from?: PoolAddress; to?: string; amountMinor?: bigint } = {}): Promise<Planned> {
    return this.send({ ...given, isVictim: true });
  }

  get payers(): readonly PoolAddress[] {
    return this.#payers;
  }

  payer(): PoolAddress {
    return must(this.#payers[this.below(this.#payers.length)], 'a payer');
  }

  /** A further wallet with exactly so much. */
  async wallet(minor: bigint): Promise<PoolAddress> {
    const wallet = await takeWallet(this.bed);
    await this.bed.local.mintUsdc(wallet.address, minor);
    await this.bed.local.mine(MINT_DEPTH);
    this.funded.set(wallet.address, minor);
    return wallet;
  }

  /** Of the account that owns, pauses and blacklists. */
  async callToken(selector: string, argument = ''): Promise<void> {
    await this.bed.submitAs(DEPLOYER_KEY, USDC_POLYGON, `${selector}${argument && addressWordOf(argument)}`);
    await this.bed.local.mine();
  }

  async balance(address: string): Promise<bigint> {
    const call = { to: USDC_POLYGON, data: encodeBalanceOf(address) };
    return decodeUint(await this.bed.node.call<string>('eth_call', [call, 'latest']));
  }

  /** A step of settlement in this process; what the cause makes it throw, the next step must do without. */
  async tick(): Promise<void> {
    await this.bed.chain.drainOnce().catch(() => undefined);
  }

  /** A step of settlement, a block, and two seconds. */
  async step(): Promise<void> {
    await this.tick();
    await this.bed.local.mine();
    this.bed.advance(STEP_MS);
  }

  /** Steps until every send has an outcome; 21 minutes pass whenever no more comes by itself. False at the limit. */
  async settle(): Promise<boolean> {
    const ids = this.sends.map(({ sendId }) => sendId);
    for (let steps = 1; steps <= MAX_STEPS; steps++) {
      const open = await this.bed.query(
        `select from sends where send_id = any($1) and status in ('queued', 'relaying')`,
        [ids],
      );
      if (open.length === 0) return true;
      await this.step();
      if (steps % STEPS_PER_ERA === 0) this.bed.advance(ERA_MS);
    }
    return false;
  }

  async send(given: {
    from?: PoolAddress;
    to?: string;
    amountMinor?: bigint;
    isVictim?: boolean;
  }): Promise<Planned> {
    const { bed } = this;
    const { from = this.payer(), to = `0x${randomHex(20)}`, isVictim = false } = given;
    const amountMinor = given.amountMinor ?? BigInt(1 + this.below(9));
    const { sendId } = await bed.db.tx(bed.projectId, (tx) =>
      bed.chain.sends.requestSend(tx, {
        fromKeyIndex: from.keyIndex,
        fromAddress: from.address,
        to,
        amountMinor,
        network: 'polygon',
        asset: 'usdc',
        purpose: 'drill',
        resourceId: 'txn_drill',
        booksRecipient: true,
      }),
    );
    const planned = { sendId, from: from.address, to, amountMinor, isVictim };
    this.sends.push(planned);
    return planned;
  }
}

const addressWordOf = (address: string): string => address.slice(2).toLowerCase().padStart(64, '0');

const takeWallet = (bed: Bed): Promise<PoolAddress> =>
  bed.db.tx(bed.projectId, async (tx) => must(await bed.chain.addresses.takeAddress(tx), 'a free address'));
