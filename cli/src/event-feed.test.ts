import { randomInt } from 'node:crypto';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Events } from '../../server/src/events/events.ts';
import { must } from '../../server/src/kernel/assert.ts';
import type { Ids } from '../../server/src/kernel/ids.ts';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { EventFeed, type FeedStart } from './event-feed.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const LATE_MS = 20_000;

interface Options {
  readonly from?: FeedStart;
  readonly patterns?: readonly string[];
  readonly fetch?: typeof fetch;
  readonly maxResources?: number;
}

/** A feed of a project of its own, on a clock that the test moves. */
async function newFeed(options: Options = {}) {
  const project = await world.newProject();
  await world.drain();
  return { project, ...(await feedOf(project, options)) };
}

async function feedOf(
  project: Project,
  { from = 'now', patterns = [], fetch: send = fetch, maxResources }: Options = {},
) {
  const { apiKey, apiSecret } = project;
  const client = new OpenOMS({ baseUrl: world.baseUrl, apiKey, apiSecret, maxRetries: 0, fetch: send });
  let nowMs = 0;
  const feed = new EventFeed({
    client,
    patterns,
    nowMs: () => nowMs,
    ...(maxResources !== undefined && { maxResources }),
  });
  await feed.start(from);
  return {
    feed,
    passTime: (durationMs: number) => {
      nowMs += durationMs;
    },
  };
}

/** Records events as a slice would: `type` and the resource's id are all that the feed looks at. */
function record(
  project: Project,
  resourceIds: readonly string[],
  ids: Ids = world.context.ids,
  hold?: Promise<unknown>,
) {
  const { db, eventsWaker } = world.context;
  const events = new Events(ids, eventsWaker);
  return db.tx(project.projectId, async (tx) => {
    await events.record(
      tx,
      ...resourceIds.map((resourceId) => ({ type: 'cashIn.created', resourceId, data: { id: resourceId } })),
    );
    await hold;
  });
}

const places = (events: readonly LoggedEvent[]) =>
  events.map(({ resourceId, sequence }) => [resourceId, sequence]);
const unique = (prefix: string): string => `${prefix}_${randomInt(2 ** 40)}`;

describe('a feed', () => {
  it('has what happens from its start on, each event once', async () => {
    const { project, feed } = await newFeed();
    expect(await feed.next()).toEqual([]);
    await record(project, ['a', 'b', 'a']);
    expect(places(await feed.next())).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ]);
    expect(await feed.next()).toEqual([]);
    const later = await feedOf(project);
    await record(project, ['a', 'c']);
    for (const each of [feed, later.feed]) {
      expect(places(await each.next())).toEqual([
        ['a', 3],
        ['c', 1],
      ]);
      later.passTime(LATE_MS);
      expect(await each.next()).toEqual([]);
    }
  });

  it('begins with a time or after an event', async () => {
    const project = await world.newProject();
    await record(project, ['a', 'b']);
    world.advance(5_000);
    const at = world.clock.now();
    await record(project, ['a', 'c', 'a']);
    const all = await (await feedOf(project, { from: new Date(0) })).feed.next();
    expect(places(all)).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['c', 1],
      ['a', 3],
    ]);
    const ofTime = await feedOf(project, { from: new Date(Math.floor(at.getTime() / 1_000) * 1_000) });
    expect(places(await ofTime.feed.next())).toEqual(places(all).slice(2));
    const ofEvent = await feedOf(project, { from: must(all[2], 'the third') });
    expect(places(await ofEvent.feed.next())).toEqual(places(all).slice(3));
    const ofLast = await feedOf(project, { from: must(all[4], 'the last') });
    for (const { feed, passTime } of [ofTime, ofEvent, ofLast]) {
      passTime(LATE_MS);
      expect(await feed.next()).toEqual([]);
    }
  });

  it('has only what its patterns select', async () => {
    const { feed, project } = await newFeed({ patterns: ['customer.*', 'wallet.depositDetected'] });
    await project.client.customers.create({ endorsements: ['basic'] });
    await record(project, ['a']);
    await world.drain();
    expect((await feed.next()).map(({ event }) => event)).toEqual(['customer.endorsement.granted']);
  });

  it('finds an event that becomes visible behind others', async () => {
    const { project, feed, passTime } = await newFeed();
    await record(project, ['first']);
    let commit = (): void => undefined;
    const isRecorded = record(
      project,
      ['late'],
      world.context.ids,
      new Promise<void>((resolve) => {
        commit = resolve;
      }),
    );
    // Its id is made when the others' are not yet.
    await world.sql('select pg_sleep(0.05)');
    await record(project, ['quick', 'quick']);
    expect(places(await feed.next())).toEqual([
      ['first', 1],
      ['quick', 1],
      ['quick', 2],
    ]);
    commit();
    await isRecorded;
    passTime(LATE_MS);
    expect(places(await feed.next())).toEqual([['late', 1]]);
    passTime(LATE_MS);
    expect(await feed.next()).toEqual([]);
  });

  it('keeps the order of sequence where ids have another', async () => {
    const { project, feed, passTime } = await newFeed();
    const [one, two, three, four] = Array.from({ length: 4 }, () => world.context.ids.next('event'));
    const withId = (id: string | undefined): Ids => ({ next: () => must(id, 'an id') });
    await record(project, ['a'], withId(two));
    await record(project, ['a'], withId(one));
    expect(places(await feed.next())).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    await record(project, ['b'], withId(four));
    expect(places(await feed.next())).toEqual([['b', 1]]);
    // Behind the head: a later event of the resource tells of it at once.
    await record(project, ['b'], withId(three));
    await record(project, ['b']);
    expect(places(await feed.next())).toEqual([
      ['b', 2],
      ['b', 3],
    ]);
    passTime(LATE_MS);
    expect(await feed.next()).toEqual([]);
  });

  it('repeats nothing of resources whose numbers it has forgotten', async () => {
    const { project, feed, passTime } = await newFeed({ maxResources: 2 });
    const many = ['a', 'b', 'c', 'd', 'e'];
    await record(project, [...many, ...many]);
    expect(await feed.next()).toHaveLength(10);
    for (let count = 0; count < 3; count++) {
      passTime(LATE_MS);
      expect(await feed.next()).toEqual([]);
    }
    await record(project, ['a', 'e', 'f']);
    expect(places(await feed.next())).toEqual([
      ['a', 3],
      ['e', 3],
      ['f', 1],
    ]);
    passTime(LATE_MS);
    expect(await feed.next()).toEqual([]);
  });

  it('loses and repeats nothing however often the API fails, under writers', async () => {
    let calls = 0;
    const flaky: typeof fetch = (input, init) =>
      ++calls % 3 === 0 ? Promise.reject(new TypeError('away')) : fetch(input, init);
    const { project, feed, passTime } = await newFeed({ fetch: flaky });
    const resources = Array.from({ length: 20 }, () => unique('r'));
    const got: LoggedEvent[] = [];
    const read = () =>
      feed.next().then(
        (events) => got.push(...events),
        () => undefined,
      );
    const writing = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let count = 0; count < 40; count++) {
          const own = Array.from({ length: 3 }, () => resources[randomInt(resources.length)] ?? '').sort();
          await record(project, own);
        }
      }),
    );
    let isWriting = true;
    void writing.finally(() => {
      isWriting = false;
    });
    while (isWriting) await read();
    await writing;
    for (let count = 0; count < 60; count++) {
      passTime(1_000);
      await read();
    }
    expect(new Set(got.map(({ id }) => id)).size).toBe(got.length);
    expect(got.length).toBe(8 * 40 * 3);
    for (const own of Map.groupBy(got, ({ resourceId }) => resourceId).values()) {
      expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => index + 1));
    }
  });
});
