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

describe('openoms ledger', () => {
  const ACCOUNT = 'treasury:polygon:usdc';

  it('tells what an account holds, held at an instant, and how it came to it', async () => {
    const now = await openoms('ledger', 'balance', '--account', ACCOUNT, '--json');
    expect(JSON.parse(now.stdout)).toMatchObject({ account: ACCOUNT, posted: '-100000000.00' });
    const before = await openoms('ledger', 'balance', '--account', ACCOUNT, '--at', '2020-01-01T00:00:00Z');
    expect(before.stdout).toMatch(/^posted 0\.00 {2}available 0\.00 {2}incoming 0\.00 /);
    const history = await openoms('ledger', 'history', '--account', ACCOUNT);
    expect(history.stdout).toMatch(
      / debit 100000000\.00 single +posted -100000000\.00 .* capital:polygon:usdc /,
    );
    const [entry] = JSON.parse((await openoms('ledger', 'history', '--account', ACCOUNT, '--json')).stdout);
    const rest = await openoms('ledger', 'history', '--account', ACCOUNT, '--after', entry.cursor, '--json');
    expect(JSON.parse(rest.stdout)).toEqual([]);
  });

  it('recomputes the chain, prints its head, and misses a head that it never had', async () => {
    await world.chainLedger();
    const { code, stdout } = await openoms('ledger', 'verify');
    expect(code).toBe(0);
    const [, projectId = '', head = ''] =
      /^(prj_\w+) {2}(\d+:[0-9a-f]{64}) {2}\d+ transfers, 0 batches/.exec(stdout) ?? [];
    expect(await openoms('ledger', 'verify', '--project', projectId, '--expect', head)).toMatchObject({
      code: 0,
    });
    const other = head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const missed = await openoms('ledger', 'verify', '--project', projectId, '--expect', other);
    expect(missed.code).toBe(1);
    expect(missed.stdout).toContain('BROKEN');
    const json = await openoms('ledger', 'verify', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ projectId, findings: [], isExpected: true }]);
  });

  it.each([
    [['history']],
    [['history', '--account', 'till:x:usd']],
    [['history', '--account', ACCOUNT, '--limit', '0']],
    [['history', '--account', ACCOUNT, '--after', 'x']],
    [['balance', '--account', ACCOUNT, '--at', 'yesterday']],
    [['balance', '--account', ACCOUNT, '--project', 'prj_nobody']],
    [['verify', '--expect', '1:ab']],
  ])('ends with 2 and a sentence for: ledger %s', async (args) => {
    const { code, stderr } = await openoms('ledger', ...args);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

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

describe('openoms rates', () => {
  it('takes the operator’s rate and lists it', async () => {
    const accepted = await openoms('rates', 'accept', '--pair', 'usdc/usd', '--rate', '0.880');
    expect(accepted).toMatchObject({ code: 0 });
    const listed = await openoms('rates', 'list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([{ pair: 'usdc/usd', rate: '0.88' }]);
    expect((await openoms('rates', 'list')).stdout).toMatch(/^usdc\/usd {2}0\.88 {2}\S+Z {2}\d+ s\n$/);
  });

  it.each([
    [['--pair', 'usdc/eur', '--rate', '1']],
    [['--pair', 'usdc/usd', '--rate', '0']],
    [['--pair', 'usdc/usd']],
  ])('ends with 2 and a sentence for: rates accept %s', async (args) => {
    const { code, stderr } = await openoms('rates', 'accept', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\S[^\n]+\n$/);
  });
});
