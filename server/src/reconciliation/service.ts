import { AdvisoryLock } from '../chain/advisory-lock.ts';
import { type Database, one, PLATFORM, type Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { addMs, type Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import { causeOf } from './cause.ts';
import {
  type ChainToCompare,
  type ComparedHolding,
  compareHoldings,
  isBroken,
  isOfWorld,
  settledBlock,
} from './compare.ts';
import * as store from './store.ts';

export type { ChainToCompare } from './compare.ts';
export type { BreakRow, RunRow } from './store.ts';

/** A page takes two calls to the node and three statements, each with a time limit of its own. */
const LEASE_MS = 120_000;

/** Another process is comparing the same project. */
class ReconciliationUnderWay extends Error {
  override readonly name = 'ReconciliationUnderWay';
}

/** The world of the project was changed meanwhile, and with it what the run compared. */
class WorldChanged extends Error {
  override readonly name = 'WorldChanged';
}

export interface ReconciliationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

interface RunOptions {
  readonly chain: ChainToCompare;
  /** Ends a run between two pages; it then counts as failed. */
  readonly signal?: AbortSignal;
}

/** Compares what the ledger says with what the chain holds, and remembers what differs. It changes no balance. */
export class Reconciliation {
  readonly #deps: ReconciliationDeps;

  constructor(deps: ReconciliationDeps) {
    this.#deps = deps;
  }

  /**
   * Compares every address of a project at the last settled block. Undefined while no block is settled. Throws
   * ReconciliationUnderWay, and what the node's errors are; the run is then marked as failed.
   */
  async run(projectId: string, options: RunOptions): Promise<store.RunRow | undefined> {
    const { db, log } = this.#deps;
    const lock = new AdvisoryLock({ db, name: `reconciliation/${projectId}`, leaseMs: LEASE_MS, log });
    const hold = async (): Promise<void> => {
      if (!(await lock.hold())) throw new ReconciliationUnderWay(`${projectId} is being compared already`);
    };
    await hold();
    try {
      return await this.#runLocked(projectId, options, hold);
    } finally {
      await lock.release();
    }
  }

  /** Runs every project whose last run began an interval ago or more. One that fails does not keep the others. */
  async runDue(intervalMs: number, options: RunOptions): Promise<void> {
    const { db, clock, log } = this.#deps;
    const due = await db.tx(PLATFORM, (tx) => store.listDueProjects(tx, addMs(clock.now(), -intervalMs)));
    for (const projectId of due) {
      if (options.signal?.aborted) return;
      try {
        const run = await this.run(projectId, options);
        if (run && run.open_breaks > 0) {
          log.error(
            { project: projectId, run: run.run_id, breaks: run.open_breaks },
            'ledger and chain differ',
          );
        }
      } catch (error) {
        if (error instanceof ReconciliationUnderWay || error instanceof WorldChanged) continue;
        log.error({ project: projectId, error: error as Error }, 'a reconciliation failed');
      }
    }
  }

  listRuns(tx: Tx, page: PageRequest): Promise<{ rows: store.RunRow[]; hasMore: boolean }> {
    return store.listRuns(tx, page);
  }

  /** Of the given status, or all. */
  listBreaks(
    tx: Tx,
    status: store.BreakRow['status'] | undefined,
    page: PageRequest,
  ): Promise<{ rows: store.BreakRow[]; hasMore: boolean }> {
    return store.listBreaks(tx, status, page);
  }

  /** Of the given reason and address, or all. */
  listIgnoredTransfers(
    tx: Tx,
    filter: store.IgnoredTransferFilter,
    page: PageRequest,
  ): Promise<{ rows: store.IgnoredTransferRow[]; hasMore: boolean }> {
    return store.listIgnoredTransfers(tx, filter, page);
  }

  async #runLocked(
    projectId: string,
    options: RunOptions,
    hold: () => Promise<void>,
  ): Promise<store.RunRow | undefined> {
    const { db, clock, ids } = this.#deps;
    const block = await settledBlock(db, options.chain, projectId);
    if (block === undefined) return undefined;
    const run_id = ids.next('reconciliationRun');
    await db.tx(projectId, async (tx) => {
      if (!(await isOfWorld(tx, block))) throw new WorldChanged('its world began after the block');
      const started_at = clock.now();
      // Whoever held the lock before is gone, and so is its run.
      await store.failRuns(tx, 'its process ended', started_at);
      await store.insertRun(tx, {
        run_id,
        network: 'polygon',
        asset: 'usdc',
        block_number: block,
        started_at,
      });
    });
    try {
      const totals = await this.#compare(projectId, run_id, block, options, hold);
      return await db.tx(projectId, async (tx) => {
        await requireRunning(tx, run_id);
        return one(await store.completeRun(tx, run_id, totals, clock.now()), 'the run');
      });
    } catch (error) {
      await db.tx(projectId, (tx) => store.failRuns(tx, (error as Error).message, clock.now(), run_id));
      throw error;
    }
  }

  async #compare(
    projectId: string,
    runId: string,
    block: bigint,
    { chain, signal }: RunOptions,
    hold: () => Promise<void>,
  ): Promise<store.RunTotals> {
    const totals = { addresses: 0, ledgerMinor: 0n, chainMinor: 0n, adjustedItems: 0, openedBreaks: 0 };
    for await (const page of compareHoldings(this.#deps.db, chain, projectId, block)) {
      signal?.throwIfAborted();
      await hold();
      for (const holding of page) {
        totals.addresses += 1;
        totals.ledgerMinor += holding.ledger_minor;
        totals.chainMinor += holding.chainMinor;
        totals.adjustedItems += holding.adjusted_items;
      }
      totals.openedBreaks += await this.#saveBreaks(projectId, runId, block, page.filter(isBroken));
    }
    return totals;
  }

  /** How many of them are new. */
  async #saveBreaks(
    projectId: string,
    runId: string,
    block: bigint,
    broken: readonly ComparedHolding[],
  ): Promise<number> {
    if (broken.length === 0) return 0;
    const { db, clock, ids } = this.#deps;
    return db.tx(projectId, async (tx) => {
      await requireRunning(tx, runId);
      const addresses = broken.map(({ address }) => address.toLowerCase());
      const open = new Map((await store.openItemsOf(tx, addresses)).map((items) => [items.address, items]));
      const breaks = broken.map(
        ({
          subject_type,
          subject_id,
          address,
          network,
          asset,
          ledger_minor,
          chainMinor,
        }): store.SeenBreak => ({
          break_id: ids.next('reconciliationBreak'),
          subject_type,
          subject_id,
          address,
          network,
          asset,
          ledger_minor,
          chain_minor: chainMinor,
          cause: causeOf(chainMinor - ledger_minor, open.get(address.toLowerCase())),
          block_number: block,
        }),
      );
      return store.saveBreaks(tx, runId, breaks, clock.now());
    });
  }
}

async function requireRunning(tx: Tx, runId: string): Promise<void> {
  if (!(await store.isRunning(tx, runId))) throw new WorldChanged(`the run ${runId} is gone`);
}
