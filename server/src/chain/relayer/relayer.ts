import type { Waker } from '../../db/waker.ts';
import { AdvisoryLock } from '../advisory-lock.ts';
import { type Header, headers } from '../blocks.ts';
import { type Cursor, findCursor } from '../indexer/store.ts';
import { Loop, type Ticked } from '../loop.ts';
import { Alarm } from './alarm.ts';
import { Broadcaster } from './broadcast.ts';
import { readChain } from './chain-view.ts';
import { failRefusedSends, settleDeadSends } from './dead-sends.ts';
import type { RelayerDeps } from './deps.ts';
import { dispatch } from './dispatch.ts';
import { reconcile } from './reconcile.ts';
import { insertRelayer, listOpenBatches, listRelayers, type Relayer as RelayerAccount } from './store.ts';

/**
 * Gets queued sends into blocks. It decides nothing about their outcome: the token contract pays each at most once,
 * and the indexer reports what it paid. One process per network is active; it may be killed at any instant.
 */
export class Relayer {
  readonly #deps: RelayerDeps;
  readonly #waker: Waker;
  readonly #lock: AdvisoryLock;
  readonly #loop: Loop;
  readonly #onHead: () => void;
  #lastHead: string | undefined;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(
    deps: Omit<
      RelayerDeps,
      'broadcaster' | 'gasAlarm' | 'restingAlarm' | 'dailyLimitAlarm' | 'unsettledAlarm'
    > & {
      readonly waker: Waker;
      /** Called when the chain has another head than at the last step. */
      readonly onHead: () => void;
    },
  ) {
    const { db, log, network, settings } = deps;
    this.#deps = {
      ...deps,
      broadcaster: new Broadcaster(deps),
      gasAlarm: new Alarm(log, 'no relayer has gas money for a full batch'),
      restingAlarm: new Alarm(log, 'a relayer has no gas money for a full batch and rests'),
      dailyLimitAlarm: new Alarm(log, 'sends wait for the signer: its daily limit is reached'),
      unsettledAlarm: new Alarm(log, 'an authorization is used, but its payment is not settled'),
    };
    this.#waker = deps.waker;
    this.#onHead = deps.onHead;
    this.#lock = new AdvisoryLock({ db, name: `relayer/${network.name}`, leaseMs: settings.leaseMs, log });
    this.#loop = new Loop({ name: 'relayer', tick: () => this.#step(), pollMs: settings.pollMs, log });
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#waker.listen(() => this.#loop.wake());
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#unlisten?.();
    await this.#loop.stop();
    await this.#deps.broadcaster.stop();
    await this.#lock.release();
  }

  /**
   * Takes one bounded step if this process is the active relayer, and waits until the node has what it broadcasts.
   * `progress`: there may be more to do at once.
   */
  async tick(): Promise<Ticked> {
    try {
      return await this.#step();
    } finally {
      await this.#deps.broadcaster.settle();
    }
  }

  async #step(): Promise<Ticked> {
    if (!(await this.#lock.hold())) return { progress: false };
    const { db, rpc, network, settings } = this.#deps;
    const relayers = await this.#accounts();
    const view = await readChain(rpc, relayers);
    if (view.latest.hash !== this.#lastHead) this.#onHead();
    this.#lastHead = view.latest.hash;
    const cursor = await findCursor(db, network.name);
    const settledNumber = Math.min(cursor?.number ?? -1, view.finalized.number);
    const open = await listOpenBatches(db, network.name);
    await reconcile(this.#deps, open, view, settledNumber);
    try {
      const refused = await failRefusedSends(this.#deps);
      const progress = (await dispatch(this.#deps, relayers, view)) || refused;
      return { progress, pauseMs: open.length > 0 ? settings.busyPollMs : settings.pollMs };
    } finally {
      // Whether or not the signer is there; and after reconciling, which counts the relays of an ended authorization.
      const settled =
        cursor && settledNumber === cursor.number ? await this.#settledHeader(cursor) : undefined;
      if (settled) await settleDeadSends(this.#deps, settled);
    }
  }

  /** Of the block up to which the indexer has settled; undefined when the node has another one there. */
  async #settledHeader(cursor: Cursor): Promise<Header | undefined> {
    if (cursor.number < 0) return undefined;
    const [header] = await headers(this.#deps.rpc, [cursor.number]);
    return header?.hash === cursor.hash ? header : undefined;
  }

  /** All accounts that ever relayed; new ones are entered at the chain's count of their transactions. */
  async #accounts(): Promise<readonly RelayerAccount[]> {
    const { db, rpc, vault, network, settings } = this.#deps;
    const known = await listRelayers(db, network.name);
    if (known.length >= settings.relayers) return known;
    for (let index = known.length; index < settings.relayers; index++) {
      const address = await vault.relayerAddress(index);
      const { accounts } = await readChain(rpc, [{ index, address, nextNonce: 0 }]);
      const nextNonce = accounts.get(index)?.finalizedCount ?? 0;
      await insertRelayer(db, network.name, { index, address, nextNonce });
    }
    return listRelayers(db, network.name);
  }
}
