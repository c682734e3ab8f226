import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { UsageError } from './command.ts';
import { start } from './command-io.testing.ts';
import { sandboxClock } from './sandbox-clock.ts';

let world: World;
let project: Project;
beforeAll(async () => {
  world = await createWorld();
  project = await world.newProject({ fromFaucet: false });
});
afterAll(() => world.close());

const run = async (args: readonly string[], as = project) => {
  const env = { OMS_BASE_URL: world.baseUrl, OMS_API_KEY: as.apiKey, OMS_API_SECRET: as.apiSecret };
  const started = start(sandboxClock, args, { env });
  let isOver = false;
  const code = started.code.finally(() => {
    isOver = true;
  });
  code.catch(() => undefined);
  while (!isOver) await world.drain();
  return { code: await code, out: started.out, err: started.err };
};

it('freezes, lists what is pending, and advances with what happens on the way', async () => {
  const { client } = project;
  const frozen = await run(['--freeze']);
  expect(frozen).toMatchObject({ code: 0, out: [expect.stringMatching(/^\S+Z {2}frozen/)] });
  const wallet = await world.wallet(await world.provisionedCustomer(client), client);
  await world.drain();
  const cashIn = await world.cashIn(wallet, { client });
  const timer = expect.stringMatching(new RegExp(`Z {2}cashIn\\.codeExpires {2}${cashIn.id}$`));
  expect(await run([])).toMatchObject({ code: 0, out: [frozen.out[0], timer] });
  expect(await run(['--timers'])).toMatchObject({ code: 0, out: [timer] });
  const { code, out } = await run(['--advance', '2h']);
  expect({ code, out }).toEqual({
    code: 0,
    out: [
      expect.stringMatching(new RegExp(`Z {2}cashIn\\.expired {2}${cashIn.id} {2}evt_`)),
      expect.stringMatching(/Z {2}frozen, 7\d\d\d s ahead$/),
    ],
  });
  expect(await run(['--next'])).toMatchObject({ code: 1, err: ['No timer is pending.'] });
  expect(JSON.parse((await run(['--resume', '--json'])).out[0] ?? '')).toMatchObject({ mode: 'running' });
});

it('says what it does not understand', async () => {
  await expect(run(['--advance', 'soon'])).rejects.toThrow(UsageError);
  await expect(run(['--freeze', '--next'])).rejects.toThrow(UsageError);
  expect(await run(['--to', '2020-01-01T00:00:00Z'])).toMatchObject({ code: 1 });
  await expect(run([], await world.newProject({ mode: 'live' }))).rejects.toThrow(/sandbox/);
});
