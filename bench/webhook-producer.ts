import { setTimeout as delay } from 'node:timers/promises';
import { EVENTS } from '@openoms/contract/events.ts';
import { createEngine } from '../tools/storm/engine.ts';
import { answering } from './orders.ts';

/** Records events as slices do, in transactions, and notes when each was committed. */

export interface ProducerOrder {
  readonly projectId: string;
  readonly events: number;
  readonly perCommit: number;
  /** Events a second, whatever becomes of them; undefined: as fast as it goes. */
  readonly perSecond?: number;
}

/** When the commit of each mark was asked for, in milliseconds since 1970: an event is not there before. */
export type Commits = readonly (readonly [mark: number, atMs: number])[];

const TYPE = 'transaction.fiatToCrypto.completed';
const EVENTS_OF_A_RESOURCE = 3;
const COMMITS_AT_ONCE = 4;
const MARK_DIGITS = 9;

const [databaseUrl = '', keyHex = ''] = process.argv.slice(2);
const { db, events } = createEngine({ databaseUrl, keyHex });
const { example } = EVENTS[TYPE];
let commitNumber = 0;

answering<ProducerOrder>(async (order): Promise<Commits> => {
  const { projectId, perCommit, perSecond } = order;
  const resources = Math.ceil(order.events / EVENTS_OF_A_RESOURCE);
  const commits: [number, number][] = [];
  let recorded = 0;
  const commit = async (): Promise<void> => {
    const first = recorded;
    const count = Math.min(perCommit, order.events - first);
    recorded += count;
    const mark = commitNumber++;
    await db.tx(projectId, async (tx) => {
      const metadata = { mark: String(mark).padStart(MARK_DIGITS, '0') };
      const batch = Array.from({ length: count }, (_, index) => {
        const resourceId = `txn_${String((first + index) % resources).padStart(26, '0')}`;
        return { type: TYPE, resourceId, data: { ...example, id: resourceId, metadata } };
      });
      await events.record(tx, ...batch);
      commits.push([mark, performance.timeOrigin + performance.now()]);
    });
  };
  if (perSecond === undefined) {
    const work = async (): Promise<void> => {
      while (recorded < order.events) await commit();
    };
    await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, work));
    return commits;
  }
  const startedMs = performance.now();
  const pending: Promise<void>[] = [];
  while (recorded < order.events) {
    const due = ((performance.now() - startedMs) / 1_000) * perSecond;
    while (recorded < due && recorded < order.events) pending.push(commit());
    await delay(1);
  }
  await Promise.all(pending);
  return commits;
});
