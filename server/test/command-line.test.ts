import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { createWorld, type World } from './world.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const KEY_HEX = '5a'.repeat(32);

let world: World;
let treasury: string;

beforeAll(async () => {
  world = await createWorld();
  const [row] = await world.sql<{ address: string }>('select address from treasuries');
  treasury = row?.address ?? '';
});
afterAll(() => world.close());

/** Runs a command on the world's instance. */
async function openoms(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: world.databaseUrl,
    CHAIN_RPC_URL: world.chain.url,
    CHAIN_USDC_ADDRESS: USDC_POLYGON,
    OMS_KEY_ENCRYPTION_KEY: KEY_HEX,
    OMS_HOME: fileURLToPath(new URL('.', `file://${world.seedFile}`)),
  };
  return promisify(execFile)(process.execPath, [CLI, ...args], { env }).then(
    (done) => ({ code: 0, ...done }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

describe('openoms reconcile', () => {
  it('says so and ends with 0 when ledger and chain are equal', async () => {
    const { code, stdout } = await openoms('reconcile');
    expect(stdout).toMatch(
      /^prj_\w+ {2}block \d+: 1 addresses, ledger 100000000.00, chain 100000000.00 USDC, 0 open/,
    );
    expect(code).toBe(0);
  });

  it('lists what differs, for people and for scripts, and ends with 1', async () => {
    const shift = (sign: string) =>
      world.sql(`update ledger_accounts set debits_posted = debits_posted ${sign} 2500000
        where account_id = 'treasury:polygon:usdc'`);
    await shift('+');
    const table = await openoms('reconcile', '--project', world.project.projectId);
    expect(table.code).toBe(1);
    expect(table.stdout).toContain(treasury);
    expect(table.stdout).toMatch(
      /treasury polygon +100000002\.50 +100000000\.00 +-2\.50 +missing_on_chain +\d+ s/,
    );
    const json = await openoms('reconcile', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { run: { openBreaks: 1 }, breaks: [{ difference: '-2.50', status: 'open' }] },
    ]);
    await shift('-');
    expect(await openoms('reconcile')).toMatchObject({ code: 0 });
  });

  it('ends with 2 when it cannot compare, or is not understood', async () => {
    expect(await openoms('reconcile', '--project', 'prj_nobody')).toMatchObject({ code: 2 });
    expect(await openoms('reconcile', 'all')).toMatchObject({ code: 2 });
    expect((await openoms('ledger', 'check')).stdout).toBe('All invariants hold.\n');
  });
});
