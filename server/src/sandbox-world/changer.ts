import { setTimeout as delay } from 'node:timers/promises';
import { findCursor, listWindow } from '../chain/indexer/store.ts';
import { Loop } from '../chain/loop.ts';
import { type Database, PLATFORM, ProjectBusy } from '../db/database.ts';
import type { Waker } from '../db/waker.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { OwnChain } from './provider.ts';
import type { ChangeRow, SandboxWorlds } from './service.ts';

const POLL_MS = 500;
/** How long a change waits until the project is at rest, and between two looks. */
const REST_TIMEOUT_MS = 10_000;
const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 100;

const UNREAD_BLOCKS = 'blocks of the chain that are not read yet';

/** What is known of a change that is not made yet. */
interface Wait {
  /** Of the first look, in monotonic milliseconds. */
  readonly sinceMs: number;
  /** The block that has all that was sent to the chain before the project was at rest; undefined: it was not. */
  throughBlock: number | undefined;
}

export interface WorldChangerDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly waker: Waker;
  readonly worlds: SandboxWorlds;
  readonly chain: OwnChain;
  /** Called while it waits for blocks to be read. */
  readonly onUnread: () => void;
}

/**
 * Makes the changes of worlds that are asked for. Each has two steps, and whoever finds one between them takes the
 * second: the rows, in one commit; then, on the chain, the balances that the ledger has by then, which may be repeated.
 * Both with the project alone, so that nobody sees the one without the other, unless the worker falls between them: then
 * the project's payments wait for the next one (`claimQueued`).
 */
export class WorldChanger {
  readonly #deps: WorldChangerDeps;
  readonly #loop: Loop;
  /** Under way here, by project. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** By change. */
  readonly #waits = new Map<string, Wait>();
  readonly #stopping = new AbortController();
  #unlisten: (() => Promise<void>) | undefined;

  constructor(deps: WorldChangerDeps) {
    this.#deps = deps;
    this.#loop = new Loop({
      name: 'world changes',
      tick: () => this.#tick(),
      pollMs: POLL_MS,
      log: deps.log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends the step under way; another worker may take the next one. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop.stop();
    await Promise.all(this.#underWay.values());
    await this.#unlisten?.();
  }

  /** Looks once at each change that is open; how many it made. For tests. */
  async drain(): Promise<number> {
    const open = await this.#deps.db.tx(PLATFORM, (tx) => this.#deps.worlds.listOpen(tx));
    const made = await Promise.all(open.map((change) => this.#look(change)));
    return made.filter(Boolean).length;
  }

  async #tick(): Promise<{ readonly progress: false }> {
    const { db, worlds, waker } = this.#deps;
    this.#unlisten ??= await waker.listen(() => this.#loop.wake());
    for (const change of await db.tx(PLATFORM, (tx) => worlds.listOpen(tx))) this.#begin(change);
    return { progress: false };
  }

  #begin(change: ChangeRow): void {
    const { project_id: projectId } = change;
    if (this.#underWay.has(projectId)) return;
    const making = this.#makeInTime(change).finally(() => this.#underWay.delete(projectId));
    this.#underWay.set(projectId, making);
  }

  async #makeInTime(change: ChangeRow): Promise<void> {
    for (let lookMs = FIRST_LOOK_MS; !this.#stopping.signal.aborted; ) {
      if (await this.#look(change)) return;
      await delay(lookMs);
      lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS);
    }
  }

  /** Whether the change is over: made, or refused because it waited too long. */
  async #look(change: ChangeRow): Promise<boolean> {
    const { log } = this.#deps;
    const { project_id: project, change_id: id } = change;
    const wait = this.#waits.get(id) ?? { sinceMs: performance.now(), throughBlock: undefined };
    this.#waits.set(id, wait);
    let waitsFor: string | undefined;
    try {
      waitsFor = (await this.#isChainSeen(wait)) ? await this.#make(change) : UNREAD_BLOCKS;
      if (waitsFor !== UNREAD_BLOCKS) wait.throughBlock = undefined;
    } catch (error) {
      if (error instanceof ProjectBusy) waitsFor = 'requests';
      else {
        log.error({ error: asError(error), project, change: id }, 'changing a world failed');
        waitsFor = 'a fault of the server';
      }
    }
    const isOver =
      waitsFor === undefined ||
      (performance.now() - wait.sinceMs >= REST_TIMEOUT_MS && (await this.#giveUp(change, waitsFor)));
    if (isOver) this.#waits.delete(id);
    return isOver;
  }

  /** Answers what the change waits for, if it is not made. */
  async #make({ project_id: projectId, change_id: changeId }: ChangeRow): Promise<string | undefined> {
    const { db, worlds, chain } = this.#deps;
    return db.exclusively(projectId, async (tx) => {
      const waitsFor = await tx((each) => worlds.apply(each, changeId));
      if (waitsFor !== undefined) return waitsFor;
      const balances = await tx((each) => worlds.balancesOf(each, changeId));
      if (!balances) return undefined;
      const sinceBlock = await chain.set(balances);
      await tx((each) => worlds.finish(each, changeId, sinceBlock));
      return undefined;
    });
  }

  /** Whether all that was sent to the chain before now is known: what is sent to a project's addresses is seen coming. */
  async #isChainSeen(wait: Wait): Promise<boolean> {
    const { db, chain, onUnread } = this.#deps;
    const seen = (await listWindow(db, 'polygon')).at(-1) ?? (await findCursor(db, 'polygon'));
    if (!seen) return false;
    wait.throughBlock ??= await chain.lastBlockOfUse(seen.number);
    if (seen.number >= wait.throughBlock) return true;
    onUnread();
    return false;
  }

  /** False when its rows are changed already: then it goes on. */
  #giveUp({ project_id: projectId, change_id: changeId }: ChangeRow, waitsFor: string): Promise<boolean> {
    const { db, worlds } = this.#deps;
    return db.tx(projectId, (tx) =>
      worlds.refuse(tx, changeId, `It would have had to wait for ${waitsFor}.`),
    );
  }
}
