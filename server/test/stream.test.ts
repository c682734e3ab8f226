import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { type Sink, Streams } from '../src/stream/service.ts';
import { type Member, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let viewer: Member;
beforeAll(async () => {
  world = await createWorld();
  viewer = await signIn(world, 'viewer');
});
afterAll(() => world.close());

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly id: string; readonly type: string; readonly resourceId: string };
}

/** Reads server-sent events until it is told to stop. */
async function listen(projectId: string, headers: Readonly<Record<string, string>> = {}, member = viewer) {
  const abort = new AbortController();
  const response = await fetch(`${world.baseUrl}/console/projects/${projectId}/stream`, {
    headers: { cookie: must(member.cookie, 'a cookie'), ...headers },
    signal: abort.signal,
  });
  const messages: Message[] = [];
  let text = '';
  const reading = (async () => {
    for await (const chunk of must(response.body, 'a body').pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const [id, event, data] = [field('id'), field('event'), field('data')];
        if (id && event && data) messages.push({ id, event, data: JSON.parse(data) });
      }
    }
  })();
  const ended = reading.then(
    () => 'ended',
    () => 'aborted',
  );
  return { response, messages, ended, stop: () => abort.abort() };
}

const types = ({ messages }: { messages: readonly Message[] }) => messages.map(({ data }) => data.type);

describe('the stream of a project', () => {
  it('tells of each event as it is committed, once, in projects without webhooks as well', async () => {
    const { projectId } = world.project;
    const stream = await listen(projectId);
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('content-type')).toMatch('text/event-stream');
    expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
    const wallet = await world.wallet(await world.provisionedCustomer());
    const cashIn = await world.cashIn(wallet);
    await vi.waitFor(() => expect(types(stream)).toContain('cashIn.created'), { timeout: 5_000 });
    const message = stream.messages.find(({ data }) => data.type === 'cashIn.created');
    expect(message).toMatchObject({ event: 'change', data: { resourceId: cashIn.id, id: message?.id } });
    expect(new Set(stream.messages.map(({ id }) => id)).size).toBe(stream.messages.length);

    const resumed = await listen(projectId, { 'last-event-id': must(stream.messages[0], 'a message').id });
    await vi.waitFor(() => expect(types(resumed)).toEqual(types(stream).slice(1)), { timeout: 5_000 });
    resumed.stop();
    stream.stop();
    await vi.waitFor(() => expect(world.context.streams.count).toBe(0), { timeout: 5_000 });
  });

  it('tells nothing of other projects, and nobody who is no member', async () => {
    const other = await world.newProject();
    const stream = await listen(other.projectId);
    await world.cashIn(await world.wallet(await world.provisionedCustomer()));
    await world.client.customers.list().take(1);
    await other.client.customers
      .create({ type: 'individual', firstName: 'Other', endorsements: ['basic'] } as never)
      .catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (const { data } of stream.messages) expect(data.type).not.toBe('cashIn.created');
    stream.stop();
    const stranger = await fetch(`${world.baseUrl}/console/projects/${other.projectId}/stream`);
    expect(stranger.status).toBe(401);
    expect((await viewer.inProject('prj_none', 'GET', '/stream')).status).toBe(404);
  });

  it('holds no connection for each that looks on', async () => {
    const { projectId } = world.project;
    const before = world.context.db.pool.totalCount - world.context.db.pool.idleCount;
    const streams = await Promise.all(Array.from({ length: 30 }, () => listen(projectId)));
    await vi.waitFor(() => {
      const busy = world.context.db.pool.totalCount - world.context.db.pool.idleCount;
      expect(busy).toBeLessThanOrEqual(before + 1);
    });
    await world.cashIn(await world.wallet(await world.provisionedCustomer()));
    for (const stream of streams) {
      await vi.waitFor(() => expect(types(stream)).toContain('cashIn.created'), { timeout: 5_000 });
      stream.stop();
    }
  });
});

it('ends at a heartbeat when its reader may no longer read', async () => {
  const streams = new Streams({
    db: world.context.db,
    log: world.context.log,
    wallClock: world.context.wallClock,
    waker: world.context.changesWaker,
    heartbeatMs: 20,
  });
  const written: string[] = [];
  let isEnded = false;
  let isAllowed = true;
  const sink: Sink = {
    write: (text) => written.push(text) > 0,
    end: () => {
      isEnded = true;
    },
  };
  await streams.open({
    projectId: world.project.projectId,
    sink,
    lastEventId: undefined,
    isAllowed: async () => isAllowed,
  });
  await vi.waitFor(() => expect(written).toContain(': still here\n\n'));
  expect(isEnded).toBe(false);
  isAllowed = false;
  await vi.waitFor(() => expect(isEnded).toBe(true));
  expect(streams.count).toBe(0);
  await streams.close();
  await expect(
    streams.open({
      projectId: world.project.projectId,
      sink,
      lastEventId: undefined,
      isAllowed: async () => true,
    }),
  ).rejects.toMatchObject({ status: 503 });
});

it('ends when the server stops', async () => {
  const own = await createWorld();
  const member = await signIn(own, 'viewer');
  const response = await fetch(`${own.baseUrl}/console/projects/${own.project.projectId}/stream`, {
    headers: { cookie: must(member.cookie, 'a cookie') },
  });
  const read = response.text();
  await own.close();
  await expect(read).resolves.toContain('retry:');
});
