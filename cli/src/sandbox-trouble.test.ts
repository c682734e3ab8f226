import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type World } from '../../server/test/world.ts';
import { UsageError } from './command.ts';
import { start } from './command-io.testing.ts';
import { sandboxTrouble } from './sandbox-trouble.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const run = async (args: readonly string[], as = world.project) => {
  const env = { OMS_BASE_URL: world.baseUrl, OMS_API_KEY: as.apiKey, OMS_API_SECRET: as.apiSecret };
  const started = start(sandboxTrouble, args, { env });
  return { code: await started.code, out: started.out, err: started.err };
};

it('makes trouble, lists it and ends it', async () => {
  const made = await run(['api.status', 'status=429', 'operationId=listNetworks', 'times=2', 'seed=5']);
  const line = (happened: number, rest = '') =>
    expect.stringMatching(
      new RegExp(
        `^tbl_\\w+ {2}api\\.status {2}share=1 {2}status=429 {2}when=before {2}operationId=listNetworks {2}seed=5 {2}happened ${happened} of 2${rest}$`,
      ),
    );
  expect(made).toEqual({ code: 0, out: [line(0)], err: [] });
  for (let n = 0; n < 2; n++) await expect(world.client.networks.list().take(1)).rejects.toThrow();
  expect(await run([])).toEqual({ code: 0, out: [line(2, ' {2}over')], err: [] });
  await run(['webhook.drop', 'durationSeconds=60']);
  expect((await run([])).out[1]).toMatch(/webhook\.drop .*happened 0 {2}until \S+Z$/);
  const [first] = JSON.parse(`[${(await run(['--json'])).out[0]}]`);
  expect(await run(['--end', first.id])).toMatchObject({ code: 0, out: [] });
  expect((await run([])).out).toHaveLength(1);
  expect(await run(['--end-all'])).toMatchObject({ code: 0 });
  expect((await run([])).out).toEqual([]);
});

it('lists every kind without asking anyone', async () => {
  const { out } = await run(['--kinds']);
  expect(out).toHaveLength(17);
  expect(out).toContainEqual(
    expect.stringMatching(/^webhook\.reorder {2}.* {2}seconds=10 {2}\[webhookId\]$/),
  );
});

it('says what it does not understand', async () => {
  await expect(run(['api.sulk'])).rejects.toThrow(/--kinds/);
  await expect(run(['api.drop', 'quickly'])).rejects.toThrow(UsageError);
  await expect(run(['api.drop', 'shares=1'])).rejects.toThrow(UsageError);
  await expect(run(['api.drop', '--end-all'])).rejects.toThrow(UsageError);
  await expect(run(['--end', 'tbl_1'])).rejects.toThrow(/no such thing/);
  expect(await run(['api.status', 'status=418'])).toMatchObject({
    code: 1,
    err: [expect.stringMatching(/status must be one of/)],
  });
  await expect(run([], await world.newProject({ mode: 'live' }))).rejects.toThrow(/sandbox/);
});
