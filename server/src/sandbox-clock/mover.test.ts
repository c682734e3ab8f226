import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { must } from '../kernel/assert.ts';
import { addMs, DAY_MS, MINUTE_MS, systemClock } from '../kernel/clock.ts';
import { NOTE_TASK, type Note, workerOn } from './mover-bed.testing.ts';
import type { ProjectClockRow } from './store.ts';

const FIXTURE = fileURLToPath(new URL('./mover.fixture.ts', import.meta.url));
const DEADLINE_MS = 60_000;

let database: TestDatabase;
let worker: ReturnType<typeof workerOn>;
let key = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await asSuperuser(database.url, (client) =>
    client.query(
      `create table notes (seq bigint generated always as identity, project_id text not null, n integer not null,
         at timestamptz not null);
       grant all on notes to oms_app`,
    ),
  );
});
afterAll(() => database.drop());
beforeEach(() => {
  worker = workerOn(database.url, systemClock);
});
afterEach(() => worker.stop());

const advance = (projectId: string, advanceSeconds: number, by = worker) =>
  by.clocks.prepare(projectId, { advanceSeconds }, `key ${++key}`);
const clockOf = async (projectId: string): Promise<ProjectClockRow> =>
  must((await worker.db.tx(projectId, (tx) => worker.clocks.get(tx))).clock, 'a project with a clock');
const nowOf = async (projectId: string): Promise<Date> =>
  (await worker.db.tx(projectId, (tx) => worker.clocks.get(tx))).now;

/** A project whose clock stands. */
async function frozenProject(): Promise<string> {
  const projectId = await createTestProject(worker.db);
  await worker.clocks.prepare(projectId, { freeze: true }, 'freeze');
  await worker.db.tx(projectId, (tx) => worker.clocks.set(tx, { freeze: true }, undefined));
  return projectId;
}

/** Timers so long after the time of the project, in the order given. */
async function enqueue(projectId: string, notes: readonly (Note & { readonly inMs: number })[]) {
  await worker.db.tx(projectId, async (tx) => {
    for (const { inMs, ...note } of notes)
      await worker.jobs.enqueue(tx, NOTE_TASK, note, addMs(tx.now(), inMs));
  });
}

const notesOf = (projectId: string): Promise<{ n: number; at: Date }[]> =>
  asSuperuser(database.url, async (client) => {
    const { rows } = await client.query<{ n: number; at: Date }>(
      'select n, at from notes where project_id = $1 order by seq',
      [projectId],
    );
    return rows;
  });

/** Numbers in an order that is the same each time. */
const shuffled = (count: number): number[] => Array.from({ length: count }, (_, n) => (n * 7_919) % count);

it('a thousand timers of ten projects with different clocks run in order, each at its own time', async () => {
  worker.start();
  const projects = await Promise.all(Array.from({ length: 10 }, frozenProject));
  await Promise.all(projects.map((projectId, index) => advance(projectId, 1 + index * 86_400)));
  const starts = await Promise.all(projects.map(nowOf));
  expect(new Set(starts.map((at) => at.getTime())).size).toBe(10);
  await Promise.all(
    projects.map((projectId) =>
      enqueue(
        projectId,
        shuffled(100).map((n) => ({ n, inMs: (n + 1) * MINUTE_MS })),
      ),
    ),
  );
  // Half of them go only half of the way.
  await Promise.all(projects.map((projectId, index) => advance(projectId, index % 2 ? 6_000 : 3_000)));
  for (const [index, projectId] of projects.entries()) {
    const start = must(starts[index], 'a start');
    const ran = index % 2 ? 100 : 50;
    expect(await notesOf(projectId)).toEqual(
      Array.from({ length: ran }, (_, n) => ({ n, at: addMs(start, (n + 1) * MINUTE_MS) })),
    );
    expect(await nowOf(projectId)).toEqual(addMs(start, ran * MINUTE_MS));
  }
});

it('what a timer causes on the way runs in its place', async () => {
  worker.start();
  const projectId = await frozenProject();
  const start = await nowOf(projectId);
  await enqueue(projectId, [
    { n: 0, inMs: DAY_MS, thenMs: 1_000 },
    { n: 10, inMs: DAY_MS + 2_000 },
  ]);
  await advance(projectId, 2 * 86_400);
  expect(await notesOf(projectId)).toEqual([
    { n: 0, at: addMs(start, DAY_MS) },
    { n: 1, at: addMs(start, DAY_MS + 1_000) },
    { n: 10, at: addMs(start, DAY_MS + 2_000) },
  ]);
});

it('a timer that fails is tried again, given up, and takes no other with it', async () => {
  worker.start();
  const projectId = await frozenProject();
  const start = await nowOf(projectId);
  await enqueue(projectId, [
    { n: 0, inMs: 1_000 },
    { n: 1, inMs: 2_000, fails: true },
    { n: 2, inMs: 2_000 },
    { n: 3, inMs: 3_000 },
  ]);
  await advance(projectId, 60);
  expect(await notesOf(projectId)).toEqual(
    [0, 2, 3].map((n) => ({ n, at: addMs(start, n === 0 ? 1_000 : n * 1_000) })),
  );
  expect(await nowOf(projectId)).toEqual(addMs(start, 60_000));
  const dead = await asSuperuser(database.url, async (client) => {
    const { rows } = await client.query(
      'select attempts from jobs where project_id = $1 and dead_at is not null',
      [projectId],
    );
    return rows;
  });
  expect(dead).toEqual([{ attempts: 3 }]);
});

it('a clock goes where it was sent though its worker is killed, and no timer is lost, repeated or late', async () => {
  const projectId = await frozenProject();
  const start = await nowOf(projectId);
  const count = 600;
  await enqueue(
    projectId,
    shuffled(count).map((n) => ({ n, inMs: (n + 1) * MINUTE_MS })),
  );
  const moving = advance(projectId, count * 60 + 1);
  const child = spawn(process.execPath, [FIXTURE, database.url], { stdio: 'inherit' });
  try {
    await vi.waitUntil(async () => (await notesOf(projectId)).length >= 100, { timeout: DEADLINE_MS });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const done = (await notesOf(projectId)).length;
  expect(done).toBeLessThan(count);
  expect((await clockOf(projectId)).target_at).not.toBeNull();
  // As after the leases are over.
  const later = workerOn(database.url, { now: () => addMs(systemClock.now(), MINUTE_MS) });
  later.start();
  try {
    await moving;
  } finally {
    await later.stop();
  }
  expect(await notesOf(projectId)).toEqual(
    Array.from({ length: count }, (_, n) => ({ n, at: addMs(start, (n + 1) * MINUTE_MS) })),
  );
  expect(await nowOf(projectId)).toEqual(addMs(start, (count * 60 + 1) * 1_000));
});

it('a clock under way is sent nowhere else; freezing it ends its way', async () => {
  const projectId = await frozenProject();
  const start = await nowOf(projectId);
  const moving = advance(projectId, 3_600);
  await vi.waitUntil(async () => (await clockOf(projectId)).target_at !== null, { timeout: DEADLINE_MS });
  await expect(advance(projectId, 60)).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
  await expect(
    worker.db.tx(projectId, (tx) => worker.clocks.set(tx, { resume: true }, undefined)),
  ).rejects.toMatchObject({ status: 409 });
  await worker.db.tx(projectId, (tx) => worker.clocks.set(tx, { freeze: true }, undefined));
  await moving;
  expect(await nowOf(projectId)).toEqual(start);
  expect((await clockOf(projectId)).target_at).toBeNull();
});

it('ten thousand timers of a year run on the way', { timeout: 4 * DEADLINE_MS }, async () => {
  worker.start();
  const projectId = await frozenProject();
  const year = 365 * DAY_MS;
  const count = 10_000;
  const start = await nowOf(projectId);
  await asSuperuser(database.url, (client) =>
    client.query(
      `insert into jobs (project_id, task, payload, run_at, created_at, own_time)
       select $1, $2, jsonb_build_object('n', n), $3::timestamptz + n * $4::bigint * interval '1 millisecond', $3, true
       from generate_series(1, $5::integer) n`,
      [projectId, NOTE_TASK, start, Math.floor(year / count), count],
    ),
  );
  await advance(projectId, year / 1_000);
  await vi.waitUntil(async () => (await clockOf(projectId)).target_at === null, {
    timeout: 3 * DEADLINE_MS,
    interval: 100,
  });
  const notes = await notesOf(projectId);
  expect(notes.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
});

it('time never goes back, whoever writes it', async () => {
  const projectId = await frozenProject();
  const setBack = (set: string) =>
    asSuperuser(database.url, (client) =>
      client.query(`update project_clocks set ${set} where project_id = '${projectId}'`),
    );
  await expect(setBack(`stands_at = stands_at - interval '1 second'`)).rejects.toThrow(/go back/);
  await expect(setBack(`set_at = set_at - interval '1 second'`)).rejects.toThrow(/go back/);
});
