import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { type Command, UsageError } from './command.ts';
import { start } from './command-io.testing.ts';
import { sandboxReset, sandboxRestore, sandboxSnapshot, sandboxSnapshots } from './sandbox-world.ts';

let world: World;
let project: Project;
beforeAll(async () => {
  world = await createWorld();
  project = await world.newProject({ fromFaucet: false });
});
afterAll(() => world.close());

async function run(command: Command, args: readonly string[], as = project) {
  const env = { OMS_BASE_URL: world.baseUrl, OMS_API_KEY: as.apiKey, OMS_API_SECRET: as.apiSecret };
  const { code, out, err } = start(command, args, { env });
  return { code: await world.during(code), out, err };
}

it('keeps a world, and puts it back', async () => {
  const { customers } = project.client;
  const { id } = await customers.create({});
  expect(await run(sandboxSnapshot, ['first'])).toMatchObject({
    code: 0,
    out: [expect.stringMatching(/^\S+Z {2}first {2}\d+ rows$/)],
  });
  const { id: later } = await customers.create({});
  expect(await run(sandboxRestore, ['first'])).toMatchObject({
    code: 0,
    out: [expect.stringMatching(/^\S+Z {2}restore {2}\d+ rows$/)],
  });
  expect(await customers.get(id)).toMatchObject({ id });
  await expect(customers.get(later)).rejects.toMatchObject({ status: 404 });
  expect(await run(sandboxSnapshot, ['first'])).toMatchObject({
    code: 1,
    err: ['There is a snapshot of that name.'],
  });
  expect(JSON.parse((await run(sandboxSnapshots, ['--json'])).out[0] ?? '')).toMatchObject({ name: 'first' });
  expect(await run(sandboxSnapshots, ['--delete', 'first'])).toMatchObject({ code: 0, out: [] });
  expect(await run(sandboxSnapshots, [])).toMatchObject({ code: 0, out: [] });
  await expect(run(sandboxRestore, ['first'])).rejects.toThrow('There is no such snapshot');
});

it('empties it, at a time of one’s own', async () => {
  await project.client.customers.create({});
  const { code, out } = await run(sandboxReset, ['--starts-at', '2026-01-01T00:00:00Z']);
  expect({ code, out }).toEqual({
    code: 0,
    out: [expect.stringMatching(/^2026-01-01T00:00:00Z {2}reset {2}\d+ rows$/)],
  });
  expect(await project.client.customers.list().take(1)).toEqual([]);
});

it('says what it does not understand', async () => {
  await expect(run(sandboxReset, ['now'])).rejects.toThrow(UsageError);
  await expect(run(sandboxSnapshot, [])).rejects.toThrow(UsageError);
  await expect(run(sandboxRestore, ['a', 'b'])).rejects.toThrow(UsageError);
  await expect(run(sandboxRestore, ['a', '--starts-at', 'x'])).rejects.toThrow(UsageError);
  expect(await run(sandboxReset, ['--starts-at', 'soon'])).toMatchObject({ code: 1 });
  const live = await world.newProject({ mode: 'live' });
  await expect(run(sandboxReset, [], live)).rejects.toThrow(/no sandbox/);
});
