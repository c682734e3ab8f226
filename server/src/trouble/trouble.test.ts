import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { Database } from '../db/database.ts';
import { ManualClock, SECOND_MS, systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/log.ts';
import { fromPpm, isDrawn, toPpm } from './draw.ts';
import { type Hit, type NewRule, Trouble } from './trouble.ts';

let database: TestDatabase;
let other: Database;
const clock = new ManualClock(systemClock.now());
const troubleOf = (db: Database) => new Trouble({ db, ids: new TypeIds(clock), wallClock: clock });
/** As two processes have it. */
let trouble: Trouble;
let elsewhere: Trouble;

beforeAll(async () => {
  database = await createTestDatabase();
  other = new Database(database.url, { maxConnections: 4, clock: systemClock, log: silentLogger });
  trouble = troubleOf(database.db);
  elsewhere = troubleOf(other);
});
afterAll(async () => {
  await other.close();
  await database.drop();
});

async function troubled(...rules: readonly NewRule[]): Promise<string> {
  const projectId = await createTestProject(database.db);
  await trouble.announce(projectId);
  for (const rule of rules) await database.db.tx(projectId, (tx) => trouble.create(tx, rule));
  return projectId;
}

const drop: NewRule = { kind: 'webhook.drop', parameters: {} };
const rulesOf = (projectId: string) => database.db.tx(projectId, (tx) => trouble.list(tx));

async function pattern(projectId: string, count: number): Promise<string> {
  let hits = '';
  for (let n = 0; n < count; n++) hits += (await trouble.hits(projectId, ['webhook.drop'])).length;
  return hits;
}

describe('whether a rule hits', () => {
  it('follows from its seed and the count: two runs are the same, and near the share', async () => {
    const quarter = { ...drop, sharePpm: 250_000, seed: 7 };
    const [first, again] = [await troubled(quarter), await troubled(quarter)];
    const hits = await pattern(first, 40);
    expect(await pattern(again, 40)).toBe(hits);
    expect(hits).toMatch(/^(?=.*1)(?=.*0)[01]{40}$/);
    expect(await pattern(await troubled({ ...quarter, seed: 8 }), 40)).not.toBe(hits);
    const drawn = Array.from({ length: 20_000 }, (_, place) => isDrawn(7n, BigInt(place), 250_000));
    expect(drawn.filter(Boolean).length / drawn.length).toBeCloseTo(0.25, 1);
  });

  it('is counted exactly when two processes ask at once', async () => {
    const projectId = await troubled({ ...drop, times: 30 });
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, n) => (n % 2 ? trouble : elsewhere).hits(projectId, ['webhook.drop'])),
    );
    expect(asked.flat()).toHaveLength(30);
    const [rule] = await rulesOf(projectId);
    expect(rule).toMatchObject({ asked: 30n, happened: 30n });
    expect(rule && trouble.isOn(rule)).toBe(false);
    expect(await trouble.kindsOn(projectId)).toEqual([]);
  });

  it('is not counted when the commit that asked is undone', async () => {
    const projectId = await troubled(drop);
    const undone = database.db.tx(projectId, async (tx) => {
      expect(await trouble.hitsIn(tx, ['webhook.drop'])).toHaveLength(1);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await rulesOf(projectId)).toMatchObject([{ asked: 0n, happened: 0n }]);
  });

  it('is asked of rules that are about it, in order, until enough have hit', async () => {
    const projectId = await troubled(
      { kind: 'webhook.delay', parameters: { seconds: 5, webhookId: 'whk_1' } },
      { kind: 'webhook.delay', parameters: {} },
      { kind: 'webhook.delay', parameters: { seconds: 9 } },
    );
    const isFor = ({ parameters }: Hit<'webhook.delay'>) => parameters.webhookId !== 'whk_1';
    const hits = await trouble.hits(projectId, ['webhook.delay'], { isFor, upTo: 1 });
    expect(hits).toMatchObject([{ kind: 'webhook.delay', parameters: { seconds: 60, webhookId: null } }]);
    expect((await rulesOf(projectId)).map(({ asked }) => asked)).toEqual([0n, 1n, 0n]);
  });

  it('is no when the time of the rule is up', async () => {
    const projectId = await troubled({ ...drop, durationSeconds: 60 });
    expect(await trouble.kindsOn(projectId)).toEqual(['webhook.drop']);
    clock.advance(60 * SECOND_MS);
    expect(await pattern(projectId, 1)).toBe('0');
    expect(await trouble.kindsOn(projectId)).toEqual([]);
    expect(await rulesOf(projectId)).toMatchObject([{ asked: 0n }]);
  });

  it('is no for other kinds and projects', async () => {
    const projectId = await troubled(drop);
    expect(await trouble.hits(projectId, ['webhook.duplicate', 'api.drop'])).toEqual([]);
    expect(await trouble.hits(await troubled(), ['webhook.drop'])).toEqual([]);
  });
});

it('is known to every process as soon as a rule is made', async () => {
  expect(await elsewhere.hits(await createTestProject(database.db), ['webhook.drop'])).toEqual([]);
  const projectId = await troubled(drop);
  expect(await elsewhere.hits(projectId, ['webhook.drop'])).toHaveLength(1);
});

it('costs a project without rules nothing, also after it had some', async () => {
  const { pool } = database.db;
  const connections = async (projectId: string): Promise<number> => {
    await trouble.kindsOn(projectId);
    let acquired = 0;
    const count = () => {
      acquired++;
    };
    pool.on('acquire', count);
    await trouble.hits(projectId, ['webhook.drop']);
    pool.off('acquire', count);
    return acquired;
  };
  expect(await connections(await createTestProject(database.db))).toBe(0);
  const projectId = await troubled(drop);
  expect(await connections(projectId)).toBeGreaterThan(0);
  await database.db.tx(projectId, (tx) => trouble.deleteAll(tx));
  await database.db.tx(projectId, (tx) =>
    tx.query(
      `update troubled_projects set quiet_since = now() - interval '11 minutes' where project_id = $1`,
      [projectId],
    ),
  );
  await expect.poll(() => connections(projectId), { timeout: 5_000 }).toBe(0);
});

it('is refused by the database for a live project', async () => {
  const live = await createTestProject(database.db, 'live');
  await expect(trouble.announce(live)).rejects.toThrow('is no sandbox');
  await expect(database.db.tx(live, (tx) => trouble.create(tx, drop))).rejects.toThrow(/foreign key/);
});

it('has at most a hundred rules of a project', async () => {
  const projectId = await troubled(...Array.from({ length: 100 }, () => drop));
  await expect(database.db.tx(projectId, (tx) => trouble.create(tx, drop))).rejects.toMatchObject({
    status: 409,
  });
});

it.each(['1', '0.25', '0.000001', '0.999999', '0.5'])('keeps a share of %s', (share) => {
  expect(fromPpm(toPpm(share))).toBe(share);
});

it('is asked by as many transactions at once as there are connections', async () => {
  const projectId = await troubled(drop);
  const asking = new Database(database.url, { maxConnections: 2, clock: systemClock, log: silentLogger });
  const open = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const allOpen = Promise.all(open.map(({ promise }) => promise));
  const hits = open.map(({ resolve }) =>
    asking.tx(projectId, async (tx) => {
      resolve();
      await allOpen;
      return troubleOf(asking).hitsIn(tx, ['webhook.drop']);
    }),
  );
  expect((await Promise.all(hits)).flat()).toHaveLength(2);
  await asking.close();
});
