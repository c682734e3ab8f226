import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newWallet, payIn } from '../../../tools/crash/cash-in.ts';
import { processesOf } from '../../../tools/crash/processes.ts';
import { type LocalChain, startLocalChain } from '../../src/chain/local/start.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded/start.ts';
import { must } from '../../src/kernel/assert.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../postgres.ts';
import { clientOf, eventually, Instances, isCompleted } from './instance.ts';

const PRELOAD = new URL('no-anvil.fixture.ts', import.meta.url).href;
/** The treasury of a project on a chain that nobody mints on for us is filled by hand. */
const FLOAT_MINOR = 1_000_000_000n;
const KEY = 'ab'.repeat(32);
const GAS_WEI = 10n ** 20n;

const instances = new Instances();
let postgres: EmbeddedPostgres;
let ownUrl: string;
let store: TestDatabase;
let chain: LocalChain;

beforeAll(async () => {
  const dir = await instances.newHome();
  postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), log: silentLogger, durable: false });
  ownUrl = await databaseOfAnOrdinaryRole(postgres.url);
  store = await createTestDatabase();
  chain = await startLocalChain({
    store: store.connect().pool,
    dir: join(dir, 'chain'),
    clock: systemClock,
    log: silentLogger,
  });
});
afterAll(async () => {
  await chain?.stop();
  await store?.drop();
  await postgres?.stop();
  await instances.clear();
});

/** What the operator is asked for: a role that owns its database and may create roles; nothing more. */
async function databaseOfAnOrdinaryRole(superuserUrl: string): Promise<string> {
  await asSuperuser(superuserUrl, async (client) => {
    await client.query(`create role operator login password 'a b/c' createrole`);
    await client.query('create database payments owner operator');
  });
  const url = new URL(superuserUrl);
  url.username = 'operator';
  url.password = encodeURIComponent('a b/c');
  url.pathname = '/payments';
  return url.href;
}

const firstAddress = (table: 'treasuries' | 'relayers'): Promise<string | undefined> =>
  asSuperuser(postgres.url.replace(/\/postgres$/, '/payments'), async (client) => {
    const { rows } = await client.query<{ address: string }>(`select address from ${table}`);
    return rows[0]?.address;
  });

test('it works on a database and a chain of the operator, and starts none of its own', async () => {
  const home = await instances.newHome();
  const env = { DATABASE_URL: ownUrl, CHAIN_RPC_URL: chain.url, OMS_KEY_ENCRYPTION_KEY: KEY };
  const supervisor = await instances.start({ home, env });
  const settings = await supervisor.ready();
  expect(settings).toMatchObject({ OMS_DATABASE_URL: ownUrl, OMS_RPC_URL: chain.url });
  const running = (await processesOf(home)).map(({ commandLine }) => commandLine);
  expect(running.filter((each) => /postgres|anvil/.test(each))).toEqual([]);

  const treasury = must(await firstAddress('treasuries'), 'the treasury has an address');
  await chain.mintUsdc(treasury, FLOAT_MINOR);
  const oms = clientOf(settings);
  const wallet = await newWallet(oms, 'jane');
  // A cash-in is turned away until the treasury's deposit is final.
  let attempt = 0;
  let cashIn: string | undefined;
  await eventually(async () => {
    attempt += 1;
    cashIn = await payIn(oms, wallet, '100.00', `attempt-${attempt}`).catch(() => undefined);
    return cashIn !== undefined;
  }, 'the treasury has funds');
  let relayer: string | undefined;
  await eventually(async () => {
    relayer = await firstAddress('relayers');
    return relayer !== undefined;
  }, 'the relayer has an address');
  await chain.fundGas(must(relayer, 'the relayer'), GAS_WEI);
  await isCompleted(oms, must(cashIn, 'a cash-in'));
  expect((await oms.wallets.balance(wallet.id)).balance).toBe('98.00');
  supervisor.kill('SIGTERM');
  expect(await supervisor.exited).toEqual({ code: 0, signal: null });
});

test('where anvil is missing or cannot run, one sentence names CHAIN_RPC_URL', async () => {
  const home = await instances.newHome();
  const tooNew = join(home, 'needs-newer-glibc');
  const complaint = "/lib/libc.so.6: version `GLIBC_2.99' not found (required by anvil)";
  await writeFile(tooNew, `#!/bin/sh\necho "anvil: ${complaint.replace('`', '\\`')}" >&2\nexit 1\n`, {
    mode: 0o755,
  });
  const cases = [
    { FAKE_ANVIL: '', says: /^The local EVM chain needs the npm package @foundry-rs\/anvil-/ },
    { FAKE_ANVIL: tooNew, says: /^The local EVM chain cannot start: anvil \S+ needs a newer C library/ },
    { FAKE_ANVIL: join(home, 'absent'), says: /^The local EVM chain cannot start: there is no program/ },
  ];
  for (const { FAKE_ANVIL, says } of cases) {
    const env = {
      DATABASE_URL: ownUrl,
      OMS_KEY_ENCRYPTION_KEY: KEY,
      NODE_OPTIONS: `--import=${PRELOAD}`,
      FAKE_ANVIL,
    };
    const supervisor = await instances.start({ home, env });
    expect(await supervisor.exited).toEqual({ code: 1, signal: null });
    expect(supervisor.stderr()).toMatch(says);
    expect(supervisor.stderr()).toMatch(/CHAIN_RPC_URL[^\n]*\n$/);
    expect(await processesOf(home)).toEqual([]);
  }
  await rm(tooNew);
});
