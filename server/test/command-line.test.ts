import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let treasury: string;

beforeAll(async () => {
  world = await createWorld();
  const [row] = await world.sql<{ address: string }>('select address from treasuries');
  treasury = row?.address ?? '';
});
afterAll(() => world.close());

const openoms = (...args: string[]) => runCommand(world, ...args);

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
