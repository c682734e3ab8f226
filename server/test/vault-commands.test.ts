import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackupUnreadable, openBackup } from '../src/chain/vault/backup.ts';
import { DAY_MS } from '../src/kernel/clock.ts';
import { keyEncryptionFromHex } from '../src/kernel/key-encryption.ts';
import { runCommand } from './command.ts';
import { createWorld, type World } from './world.ts';

const ok = { code: 0, stderr: '' };

let world: World;
let keys: string;
let wallet: Wallet;

beforeAll(async () => {
  world = await createWorld();
  keys = join(world.home, 'keys');
  wallet = await world.wallet(await world.provisionedCustomer());
});
afterAll(() => world.close());

const openoms = (...args: string[]) => runCommand(world, ...args);
const file = (name: string) => join(world.home, name);

/** A cash-in of $20 to the wallet is paid: the signer signs for the treasury. */
async function expectPaid(to: Wallet): Promise<void> {
  // A customer may make three deposits a day.
  world.advance(DAY_MS);
  const before = await world.tokenBalance(to.address);
  const cashIn = await world.cashIn(to, { dollars: '20.00' });
  await world.payAtTill(cashIn, '20.00');
  await world.drain();
  expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'completed' });
  expect(await world.tokenBalance(to.address)).toBe(before + 19_200_000n);
}

describe('openoms vault backup and restore', () => {
  it('bring a destroyed vault back: the same addresses, the same log, and sends go on', async () => {
    await expectPaid(wallet);
    const addresses = await world.vault.addresses(0, 0, 20);
    const log = await readFile(`${world.seedFile}.signed`);
    expect(await openoms('vault', 'backup', '--out', file('vault.backup'))).toMatchObject(ok);

    await world.stopSigner();
    await rm(keys, { recursive: true });
    const restored = await openoms('vault', 'restore', '--in', file('vault.backup'));
    expect(restored).toMatchObject(ok);
    expect(restored.stdout).toContain('Its addresses are those of the database.');
    await world.startSigner();

    expect(await world.vault.addresses(0, 0, 20)).toEqual(addresses);
    expect(await readFile(`${world.seedFile}.signed`)).toEqual(log);
    expect((await stat(world.seedFile)).mode & 0o777).toBe(0o600);
    await expectPaid(wallet);
  });

  it('overwrite nothing', async () => {
    const backup = await readFile(file('vault.backup'));
    expect(await openoms('vault', 'backup', '--out', file('vault.backup'))).toMatchObject({ code: 2 });
    expect(await readFile(file('vault.backup'))).toEqual(backup);

    await world.stopSigner();
    const sealed = await readFile(world.seedFile);
    // The log has grown since the backup.
    const refused = await openoms('vault', 'restore', '--in', file('vault.backup'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
    expect(await readFile(world.seedFile)).toEqual(sealed);
    await world.startSigner();
  });

  it('keep the seed to who has the key-encryption key', async () => {
    const backup = await readFile(file('vault.backup'));
    expect((await stat(file('vault.backup'))).mode & 0o777).toBe(0o600);
    expect(backup.includes(await readFile(world.seedFile))).toBe(false);
    await world.stopSigner();
    await rename(keys, `${keys}.aside`);
    const damaged = Buffer.from(backup);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    await writeFile(file('damaged.backup'), damaged);
    const cut = backup.subarray(0, -1);
    await writeFile(file('cut.backup'), cut);
    for (const name of ['damaged.backup', 'cut.backup', 'none.backup']) {
      await expect(openBackup(file(name), world.keyEncryption), name).rejects.toThrow(BackupUnreadable);
    }
    const otherKey = keyEncryptionFromHex('a5'.repeat(32));
    await expect(openBackup(file('vault.backup'), otherKey)).rejects.toThrow(BackupUnreadable);
    const refused = await openoms('vault', 'restore', '--in', file('damaged.backup'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be opened') });
    await expect(stat(world.seedFile)).rejects.toThrow(/ENOENT/);
    await rm(keys, { recursive: true, force: true });
    await rename(`${keys}.aside`, keys);
    await world.startSigner();
  });

  it('refuse a vault that is not the database’s, and a signer that runs', async () => {
    const running = await openoms('vault', 'restore', '--in', file('vault.backup'));
    expect(running).toMatchObject({ code: 2, stderr: expect.stringContaining('signer is running') });

    await world.stopSigner();
    await rename(keys, `${keys}.aside`);
    await mkdir(keys);
    await world.startSigner();
    expect(await openoms('vault', 'backup', '--out', file('other.backup'))).toMatchObject(ok);
    await world.stopSigner();
    await rm(keys, { recursive: true });
    const refused = await openoms('vault', 'restore', '--in', file('other.backup'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('not its vault') });
    await expect(stat(world.seedFile)).rejects.toThrow(/ENOENT/);
    // Where no database is to be had, as on a signer's host, it is the operator's word that counts.
    expect(await openoms('vault', 'restore', '--offline', '--in', file('other.backup'))).toMatchObject(ok);
    await world.startSigner();
    await expect(world.startWorker()).rejects.toThrow(/not the one the address pool was filled from/);
    await world.stopSigner();
    await rm(keys, { recursive: true });
    await rename(`${keys}.aside`, keys);
    await world.startSigner();
  });
});

describe('openoms vault rotate-key-set', () => {
  it('gives new addresses from a new seed, while old ones go on paying', async () => {
    const rotated = await openoms('vault', 'rotate-key-set');
    expect(rotated).toMatchObject(ok);
    expect(rotated.stdout).toContain('key set 1');

    const fresh = await world.wallet({ id: wallet.customerId });
    const [row] = await world.sql<{ key_set: number; key_index: string }>(
      'select key_set, key_index from address_pool where address = $1',
      [fresh.address.toLowerCase()],
    );
    expect(row?.key_set).toBe(1);
    const [derived] = await world.vault.addresses(1, Number(row?.key_index), 1);
    expect(derived).toBe(fresh.address.toLowerCase());

    // The first project's treasury is of key set 0; a new project's is of key set 1.
    await expectPaid(fresh);
    await expectPaid(wallet);
    const project = await world.newProject();
    await world.drain();
    const theirs = await world.wallet(await world.provisionedCustomer(project.client), project.client);
    const cashIn = await world.cashIn(theirs, { client: project.client });
    await world.payAtTill(cashIn, '100.00', project.client);
    await world.drain();
    expect(await world.tokenBalance(theirs.address)).toBe(98_000_000n);
    const sets = await world.sql(
      `select distinct p.key_set from sends s join address_pool p on p.key_index = s.from_key_index
       where s.status = 'paid' order by 1`,
    );
    expect(sets).toEqual([{ key_set: 0 }, { key_set: 1 }]);
  });

  it('is part of the next backup, and an older one is refused', async () => {
    expect(await openoms('vault', 'backup', '--out', file('two.backup'))).toMatchObject(ok);
    const addresses = await world.vault.addresses(1, 0, 5);
    await world.stopSigner();
    await rm(keys, { recursive: true });
    const old = await openoms('vault', 'restore', '--in', file('vault.backup'));
    expect(old).toMatchObject({ code: 2, stderr: expect.stringContaining('whose seed the vault lacks') });
    expect(await openoms('vault', 'restore', '--in', file('two.backup'))).toMatchObject(ok);
    await world.startSigner();
    expect(await world.vault.addresses(1, 0, 5)).toEqual(addresses);
    await expectPaid(wallet);
  });

  it('can be done again, and the pool is filled from the newest set', async () => {
    expect(await openoms('vault', 'rotate-key-set')).toMatchObject(ok);
    await world.sql('update address_pool set taken_at = now() where key_set = 2');
    const added = await world.fillAddressPool(50);
    expect(added).toBe(50);
    expect(
      await world.sql('select distinct key_set from address_pool where taken_at is null and key_set > 1'),
    ).toEqual([{ key_set: 2 }]);
  });
});
