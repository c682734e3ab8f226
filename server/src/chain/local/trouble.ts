import { keccak256, parseTransaction } from 'viem/utils';
import type { Logger } from '../../kernel/log.ts';
import type { ChainKind, ChainRule } from '../../trouble/trouble.ts';
import { fromQuantity, toQuantity } from '../blocks.ts';
import { type JsonRpc, type RpcCall, RpcError } from '../rpc.ts';
import { MULTICALL3 } from '../token/contracts.ts';
import type { Hex } from '../token/hex.ts';
import { KEPT_STATES } from './anvil.ts';
import type { Sequencer } from './sequencer.ts';

/** Polygon's, of which a spike is a multiple. */
const POLYGON_BASE_FEE = 30n * 10n ** 9n;
/** anvil cannot take back more than it keeps; a few blocks may come meanwhile. */
const MAX_REORG = KEPT_STATES - 4;

type RuleOf<K extends ChainKind> = Extract<ChainRule, { readonly kind: K }>;

/** A deposit that was announced and is not credited. */
export interface AnnouncedDeposit {
  readonly blockNumber: number;
  readonly blockHash: string;
}

export interface Announced {
  /** The indexer has seen every block up to here. */
  readonly seenUpTo: number;
  /** Those that no reorganisation has taken back before, the lowest first. */
  readonly deposits: readonly AnnouncedDeposit[];
}

/** Where the rules come from, and what they are to know of settlement. */
export interface ChainTroubleSource {
  /** Those that are on, the spent ones included, whose last effect may last. */
  list(): Promise<readonly ChainRule[]>;
  /** Whether it happens this time; counts that. */
  hits(rule: ChainRule): Promise<boolean>;
  /** Of the project, in blocks above this one. */
  announced(projectId: string, above: number): Promise<Announced>;
}

/** The node answers nothing. */
export class NodeDown extends Error {
  override readonly name = 'NodeDown';
}

/**
 * Makes the trouble that the rules say, where the chain is asked: as callers come, so that nothing runs by itself and a
 * chain without callers costs nothing (docs/decisions/0032).
 */
export class ChainTrouble {
  readonly #source: ChainTroubleSource;
  readonly #rpc: JsonRpc;
  readonly #sequencer: Sequencer;
  readonly #log: Logger;
  #tail: Promise<unknown> = Promise.resolve();
  /** By which the base fee is held above Polygon's; 0: it is not held; undefined: it was, before the chain stopped. */
  #spikeFactor: number | undefined = 0;
  /** No block above this one is final, whatever anvil says. */
  #finalCap: number | undefined;
  /** Blocks with deposits that were spared. */
  readonly #spared = new Set<string>();
  /** Of the transactions that came while nonces got stuck, the first attempt, by the place that it wants. */
  readonly #firstAttempts = new Map<string, { readonly hash: Hex; readonly stuckBy: string | undefined }>();
  /** Rules that last, and were counted when they began. */
  readonly #begun = new Set<string>();

  constructor(deps: {
    readonly source: ChainTroubleSource;
    readonly rpc: JsonRpc;
    readonly sequencer: Sequencer;
    readonly log: Logger;
  }) {
    this.#source = deps.source;
    this.#rpc = deps.rpc;
    this.#sequencer = deps.sequencer;
    this.#log = deps.log;
  }

  /** Takes the chain over as it stands: a spike that lasted when it stopped goes on or is to be ended. */
  async start(): Promise<void> {
    const latest = await this.#rpc.call<{ baseFeePerGas: Hex }>('eth_getBlockByNumber', ['latest', false]);
    if (BigInt(latest.baseFeePerGas) >= POLYGON_BASE_FEE) this.#spikeFactor = undefined;
  }

  /** What is to be asked of the chain instead: the same list when nothing is wrong. Throws NodeDown. */
  async meet<C extends RpcCall | RpcError>(calls: readonly C[]): Promise<readonly C[]> {
    const rules = await this.#source.list();
    if (rules.length === 0 && this.#isQuiet()) return calls;
    await this.#exclusive(() => this.#spike(ofKind(rules, 'chain.feeSpike')));
    for (const rule of ofKind(rules, 'chain.rpcDown')) {
      if (await this.#source.hits(rule)) throw new NodeDown('the node answers nothing');
    }
    if (!calls.some(asksFinal)) return calls;
    const final = await this.#exclusive(() => this.#finalNumber(rules));
    return final === undefined ? calls : calls.map((call) => withFinal(call, toQuantity(final)));
  }

  /** The hash of a transaction that the node takes and never mines; undefined for one that is to go on. */
  async lose(raw: Hex): Promise<Hex | undefined> {
    const rules = ofKind(await this.#source.list(), 'chain.stuckNonce');
    if (rules.length === 0) this.#firstAttempts.clear();
    const place = rules.length > 0 ? placeOfRelay(raw) : undefined;
    if (place === undefined) return undefined;
    return this.#exclusive(async () => {
      const hash = keccak256(raw);
      const first = this.#firstAttempts.get(place) ?? { hash, stuckBy: await this.#firstHit(rules) };
      this.#firstAttempts.set(place, first);
      const isStuck = rules.some(({ ruleId }) => ruleId === first.stuckBy);
      // What is offered for more goes through: that is how a relayer gets out of it.
      return isStuck && first.hash === hash ? hash : undefined;
    });
  }

  #isQuiet(): boolean {
    return this.#spikeFactor === 0 && this.#finalCap === undefined;
  }

  async #firstHit(rules: readonly ChainRule[]): Promise<string | undefined> {
    for (const rule of rules) if (await this.#source.hits(rule)) return rule.ruleId;
    return undefined;
  }

  async #begin(rules: readonly ChainRule[]): Promise<void> {
    for (const rule of rules) {
      if (this.#begun.has(rule.ruleId)) continue;
      await this.#source.hits(rule);
      this.#begun.add(rule.ruleId);
    }
  }

  async #spike(rules: readonly RuleOf<'chain.feeSpike'>[]): Promise<void> {
    await this.#begin(rules);
    const factor = Math.max(0, ...rules.map((rule) => rule.parameters.factor));
    if (factor === this.#spikeFactor) return;
    await this.#sequencer.holdBaseFee(factor > 0 ? BigInt(factor) * POLYGON_BASE_FEE : undefined);
    this.#spikeFactor = factor;
    this.#log.warn({ factor }, 'the base fee of the local chain goes by a trouble rule');
  }

  /** The number of the block that is said to be the final one; undefined: anvil's own word. It never goes back. */
  async #finalNumber(rules: readonly ChainRule[]): Promise<number | undefined> {
    const stalls = ofKind(rules, 'chain.stalledFinality');
    const reorgs = ofKind(rules, 'chain.reorg');
    await this.#begin(stalls);
    if (stalls.length === 0 && reorgs.length === 0) {
      this.#finalCap = undefined;
      this.#spared.clear();
      return undefined;
    }
    const final = await this.#finalOfAnvil();
    const cap = this.#finalCap ?? final;
    this.#finalCap = cap;
    let mayRiseTo = final;
    for (const rule of reorgs) mayRiseTo = Math.min(mayRiseTo, await this.#reorganise(rule, cap));
    if (stalls.length === 0) this.#finalCap = Math.max(cap, mayRiseTo);
    return this.#finalCap;
  }

  /** Answers up to which block finality may rise: what is above has yet to be seen, or is on its way out. */
  async #reorganise(rule: RuleOf<'chain.reorg'>, cap: number): Promise<number> {
    const { seenUpTo, deposits } = await this.#source.announced(rule.projectId, cap);
    for (const { blockNumber, blockHash } of deposits) {
      const spared = `${rule.ruleId}/${blockHash}`;
      if (this.#spared.has(spared)) continue;
      const depth = await this.#depthOf(blockNumber, blockHash);
      // The indexer has yet to find out that the block is gone.
      if (depth === undefined) return blockNumber - 1;
      const isPossible = depth <= MAX_REORG && blockNumber > this.#sequencer.startHeight;
      if (!isPossible || !(await this.#source.hits(rule))) {
        this.#spared.add(spared);
        continue;
      }
      await this.#sequencer.reorganise(blockNumber, rule.parameters.depth);
      this.#log.warn(
        { from: blockNumber, depth: rule.parameters.depth },
        'the local chain was reorganised by a trouble rule',
      );
      return blockNumber - 1;
    }
    return seenUpTo;
  }

  async #finalOfAnvil(): Promise<number> {
    return fromQuantity(
      (await this.#rpc.call<{ number: Hex }>('eth_getBlockByNumber', ['finalized', false])).number,
    );
  }

  /** How many blocks would go with it; undefined when the chain no longer has it. */
  async #depthOf(number: number, hash: string): Promise<number | undefined> {
    const [block, height] = await Promise.all([
      this.#rpc.call<{ hash: string } | null>('eth_getBlockByNumber', [toQuantity(number), false]),
      this.#rpc.call<Hex>('eth_blockNumber'),
    ]);
    return block?.hash === hash ? fromQuantity(height) - number + 1 : undefined;
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

const ofKind = <K extends ChainKind>(rules: readonly ChainRule[], kind: K): RuleOf<K>[] =>
  rules.filter((rule): rule is RuleOf<K> => rule.kind === kind);

/** `safe` of anvil is above its `finalized`; where finality is late, so is it. */
const isFinalTag = (value: unknown): boolean => value === 'finalized' || value === 'safe';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Among the parameters, or the fields of one that is a filter. */
const asksFinal = (call: RpcCall | RpcError): boolean =>
  !(call instanceof RpcError) &&
  (call.params ?? []).some(
    (param) => isFinalTag(param) || (isRecord(param) && Object.values(param).some(isFinalTag)),
  );

function withFinal<C extends RpcCall | RpcError>(call: C, final: string): C {
  if (call instanceof RpcError) return call;
  const replaced = (value: unknown): unknown => (isFinalTag(value) ? final : value);
  const params = (call.params ?? []).map((param) =>
    isRecord(param)
      ? Object.fromEntries(Object.entries(param).map(([name, value]) => [name, replaced(value)]))
      : replaced(param),
  );
  return { ...call, params };
}

/** Of a relayer's transaction, which goes by Multicall3: its nonce and calls, however much it offers for them. */
function placeOfRelay(raw: Hex): string | undefined {
  try {
    const { to, nonce = 0, data = '0x' } = parseTransaction(raw);
    return to?.toLowerCase() === MULTICALL3.toLowerCase() ? `${nonce}/${keccak256(data)}` : undefined;
  } catch {
    // Not a transaction: the chain says so.
    return undefined;
  }
}
