import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { UsageError } from './command.ts';
import { start } from './command-io.testing.ts';
import { sandboxProjects } from './sandbox-projects.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function run(args: readonly string[], as: Project = world.project) {
  const env = { OMS_BASE_URL: world.baseUrl, OMS_API_KEY: as.apiKey, OMS_API_SECRET: as.apiSecret };
  const { code, out, err } = start(sandboxProjects, args, { env });
  return { code: await code, out, err };
}

it('prints the settings of a project that they open', async () => {
  const { code, out } = await run([
    'create',
    '--name',
    'CI',
    '--seed',
    'ci',
    '--starts-at',
    '2027-03-04T00:00:00Z',
  ]);
  expect(code).toBe(0);
  const settings = Object.fromEntries(out.slice(1).map((line) => line.split('=')));
  expect(out[0]).toBe('# CI');
  const client = new OpenOMS({
    baseUrl: world.baseUrl,
    apiKey: settings.OMS_API_KEY,
    apiSecret: settings.OMS_API_SECRET,
  });
  expect(await client.sandbox.clock.get()).toMatchObject({ now: '2027-03-04T00:00:00Z' });
});

it('makes many, and prints what the API answers', async () => {
  const { code, out } = await run(['create', '--count', '2', '--name', 'Job', '--seed', 'jobs', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out[0] ?? '')).toMatchObject({
    data: [
      { name: 'Job 1', seed: 'jobs-1' },
      { name: 'Job 2', seed: 'jobs-2' },
    ],
  });
});

it('says what it does not understand, and what the API refuses', async () => {
  await expect(run([])).rejects.toThrow(UsageError);
  await expect(run(['create', '--count', 'many'])).rejects.toThrow(UsageError);
  await expect(run(['create', '--count', '2', '--starts-at', '2027-03-04T00:00:00Z'])).rejects.toThrow(
    UsageError,
  );
  await expect(run(['create'], await world.newProject({ mode: 'live' }))).rejects.toThrow(/404/);
  await expect(run(['create', '--seed', 'not a seed'])).rejects.toThrow(/projects\.0\.seed/);
});
