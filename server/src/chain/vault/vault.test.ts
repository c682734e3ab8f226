import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HDKey } from '@scure/bip32';
import fc from 'fast-check';
import { parseTransaction, recoverTransactionAddress } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyEncryptionFromHex } from '../../kernel/key-encryption.ts';
import { insideTransaction } from '../../kernel/outside.ts';
import { authorizationDigest, authorizationNonce, domainSeparator } from '../token/authorization.ts';
import { MULTICALL3, USDC_POLYGON } from '../token/contracts.ts';
import { addressOf, recoverAddress } from '../token/secp256k1.ts';
import { VaultClient, VaultUnavailable } from './client.ts';
import { Keys, MAX_PAGED_INDEX, PUBLIC_KEY_SET, publicKeys } from './keys.ts';
import type { SignedTransfer, TransferToSign } from './protocol.ts';
import { RollingTotal } from './rolling-total.ts';
import { createSeed } from './seed-file.ts';
import type { TestSignerOptions } from './signer-process.testing.ts';
import { SigningLog } from './signing-log.ts';

const TOKEN = { chainId: 137, contract: USDC_POLYGON };
const KEY_HEX = '5a'.repeat(32);
const LIMIT = 1_000_000n;
const TRANSFER: TransferToSign = {
  sendId: 'snd_1',
  attempt: 1,
  keySet: 0,
  keyIndex: 3,
  to: `0x${'ab'.repeat(20)}`,
  value: 5n,
  validAfter: 0,
  validBefore: 2_000_000_000,
};
const RELAY = {
  ...TOKEN,
  relayerIndex: 0,
  nonce: 7,
  gas: 500_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 2n,
};

let dir: string;
let children: ChildProcess[];
let vault: VaultClient;

async function startChild(more: Partial<TestSignerOptions> = {}): Promise<ChildProcess> {
  const options = {
    socketPath: join(dir, 'signer.sock'),
    seedFile: join(dir, 'seed'),
    keyHex: KEY_HEX,
    maxSendMinor: LIMIT.toString(),
    contract: USDC_POLYGON,
    multicall: MULTICALL3,
    ...more,
  };
  const script = new URL('./signer-process.testing.ts', import.meta.url);
  const child = fork(script, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  await Promise.race([once(child, 'message'), once(child, 'exit')]);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null && once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms-vault-'));
  children = [];
  vault = new VaultClient({ socketPath: join(dir, 'signer.sock'), timeoutMs: 10_000 });
});
afterEach(async () => {
  vault.close();
  await Promise.all(children.map(kill));
  await rm(dir, { recursive: true, force: true });
});

async function signed(transfer: TransferToSign): Promise<SignedTransfer> {
  const [answer] = await vault.signTransfers([transfer], TOKEN);
  if (!answer || !('signature' in answer)) throw new Error(`refused: ${answer?.refused}`);
  return { ...transfer, signature: answer.signature };
}

describe('the signer process', () => {
  it('signs a transfer with the key of its index, for the token and nonce it works out itself', async () => {
    await startChild();
    const { signature } = await signed(TRANSFER);
    const [from = ''] = await vault.addresses(0, TRANSFER.keyIndex, 1);
    const authorization = {
      from,
      to: TRANSFER.to,
      value: 5n,
      validAfter: 0n,
      validBefore: 2_000_000_000n,
      nonce: authorizationNonce('snd_1', 1),
    };
    const domain = { name: 'USD Coin', version: '2', chainId: 137, verifyingContract: USDC_POLYGON };
    const digest = authorizationDigest(authorization, domainSeparator(domain));
    expect(recoverAddress(digest, signature)?.toLowerCase()).toBe(from);
  });

  it('signs a relay of transfers, whose call it builds itself', async () => {
    await startChild();
    const relay = await vault.signRelay({ ...RELAY, transfers: [await signed(TRANSFER)] });
    const transaction = parseTransaction(relay.raw as `0x02${string}`);
    expect(transaction).toMatchObject({ chainId: 137, nonce: 7, gas: 500_000n, maxFeePerGas: 100n });
    expect(transaction.to?.toLowerCase()).toBe(MULTICALL3.toLowerCase());
    expect(transaction.value ?? 0n).toBe(0n);
    const sender = await recoverTransactionAddress({ serializedTransaction: relay.raw as `0x02${string}` });
    expect(sender.toLowerCase()).toBe(await vault.relayerAddress(0));
  });

  it('refuses another token, another chain, an amount over the limit and fees over the limit', async () => {
    await startChild();
    const other = { chainId: 137, contract: `0x${'11'.repeat(20)}` };
    await expect(vault.signTransfers([TRANSFER], other)).rejects.toMatchObject({ code: 'token_not_allowed' });
    await expect(vault.signTransfers([TRANSFER], { ...TOKEN, chainId: 1 })).rejects.toMatchObject({
      code: 'token_not_allowed',
    });
    const answers = await vault.signTransfers([{ ...TRANSFER, value: LIMIT + 1n }, TRANSFER], TOKEN);
    expect(answers).toEqual([{ refused: 'over_limit' }, { signature: expect.any(String) }]);
    const transfers = [await signed(TRANSFER)];
    for (const excess of [{ maxFeePerGas: 10n ** 14n }, { gas: 10n ** 8n }, { maxPriorityFeePerGas: 101n }]) {
      await expect(vault.signRelay({ ...RELAY, ...excess, transfers })).rejects.toMatchObject({
        code: 'fee_over_limit',
      });
    }
  });

  it('refuses what is not a typed request, and serves on', async () => {
    await startChild();
    await expect(vault.signTransfers([{ ...TRANSFER, sendId: 'snd_1 2' }], TOKEN)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const socket = createConnection(join(dir, 'signer.sock'));
    socket.write('{"id":1,"method":"signDigest","params":{"digest":"0x00"}}\n');
    expect(String(await once(socket, 'data'))).toContain('invalid_request');
    socket.write('not json\n');
    await once(socket, 'close');
    expect(await vault.relayerAddress(0)).toMatch(/^0x/);
  });

  it('gives one digest per authorization, also after kill -9', async () => {
    const first = await startChild();
    const { signature } = await signed(TRANSFER);
    await kill(first);
    await startChild();
    expect((await signed(TRANSFER)).signature).toBe(signature);
    for (const change of [{ to: `0x${'cd'.repeat(20)}` }, { value: 6n }, { validBefore: 2_000_000_001 }]) {
      expect(await vault.signTransfers([{ ...TRANSFER, ...change }], TOKEN)).toEqual([
        { refused: 'other_digest_signed' },
      ]);
    }
    expect((await signed({ ...TRANSFER, attempt: 2, value: 6n })).signature).not.toBe(signature);
  });

  it('signs no more in 24 h than its limit, whatever is killed and whoever sets the clock back', async () => {
    const start = Date.parse('2026-01-01T00:00:00Z');
    const maxDailyMinor = '100';
    const at = (hours: number) => ({ maxDailyMinor, nowMs: start + hours * 3_600_000 });
    const send = (number: number, value: bigint) => ({ ...TRANSFER, sendId: `snd_${number}`, value });
    const refused = [{ refused: 'over_daily_limit' }];
    const ok = [{ signature: expect.any(String) }];

    let child = await startChild(at(0));
    expect(await vault.signTransfers([send(1, 60n), send(2, 41n), send(3, 40n)], TOKEN)).toEqual([
      ...ok,
      ...refused,
      ...ok,
    ]);
    // What is signed already is signed again; a further authorization of the same send counts anew.
    expect(await vault.signTransfers([send(1, 60n)], TOKEN)).toEqual(ok);
    expect(await vault.signTransfers([{ ...send(1, 60n), attempt: 2 }], TOKEN)).toEqual(refused);

    for (const hours of [-30, 0, 23.99]) {
      await kill(child);
      child = await startChild(at(hours));
      expect(await vault.signTransfers([send(4, 1n)], TOKEN)).toEqual(refused);
    }
    await kill(child);
    await startChild(at(24));
    expect(await vault.signTransfers([send(2, 41n), send(5, 60n), send(6, 59n)], TOKEN)).toEqual([
      ...ok,
      ...refused,
      ...ok,
    ]);
  });

  it('signs with the key set of the address, and finds a new one while it runs', async () => {
    await startChild();
    await expect(vault.addresses(1, 0, 1)).rejects.toMatchObject({ code: 'unknown_key_set' });
    expect(await vault.signTransfers([{ ...TRANSFER, keySet: 1 }], TOKEN)).toEqual([
      { refused: 'unknown_key_set' },
    ]);
    await createSeed(join(dir, 'seed'), keyEncryptionFromHex(KEY_HEX), 1);
    const [first] = await vault.addresses(0, TRANSFER.keyIndex, 1);
    const [second] = await vault.addresses(1, TRANSFER.keyIndex, 1);
    expect(second).not.toBe(first);
    const one = await signed(TRANSFER);
    const other = await signed({ ...TRANSFER, sendId: 'snd_2', keySet: 1 });
    const relay = await vault.signRelay({ ...RELAY, transfers: [one, other] });
    for (const address of [first, second]) expect(relay.raw).toContain(address?.slice(2));
  });

  it('signs with public keys next to a local chain, and nowhere else', async () => {
    const transfer = { ...TRANSFER, keySet: PUBLIC_KEY_SET, keyIndex: 2 ** 31 + 5 };
    const child = await startChild();
    const { signature } = await signed(transfer);
    const authorization = {
      from: publicKeys().address('wallet', transfer.keyIndex),
      to: transfer.to,
      value: 5n,
      validAfter: 0n,
      validBefore: 2_000_000_000n,
      nonce: authorizationNonce('snd_1', 1),
    };
    const domain = { name: 'USD Coin', version: '2', chainId: 137, verifyingContract: USDC_POLYGON };
    const digest = authorizationDigest(authorization, domainSeparator(domain));
    expect(recoverAddress(digest, signature)?.toLowerCase()).toBe(authorization.from);
    await kill(child);
    await startChild({ signsWithPublicKeys: false });
    expect(await vault.signTransfers([transfer], TOKEN)).toEqual([{ refused: 'unknown_key_set' }]);
    expect(await vault.signTransfers([{ ...TRANSFER, sendId: 'snd_2' }], TOKEN)).toEqual([
      { signature: expect.any(String) },
    ]);
  });

  it('does not make a new seed where an old one has signed', async () => {
    const child = await startChild();
    await signed(TRANSFER);
    await kill(child);
    await rm(join(dir, 'seed'));
    expect((await startChild()).exitCode).toBe(1);
    expect(await readdir(dir)).not.toContain('seed');
  });

  it('keeps the seed sealed, and the seed, the socket and the log to its owner', async () => {
    const child = await startChild();
    const before = await vault.addresses(0, 0, 20);
    await signed(TRANSFER);
    for (const name of ['seed', 'seed.signed', 'signer.sock']) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    }
    const sealed = await readFile(join(dir, 'seed'));
    expect(sealed.byteLength).toBe(1 + 12 + 16 + 64);
    expect(new Set(before).size).toBe(20);
    await kill(child);
    await startChild();
    expect(await vault.addresses(0, 0, 20)).toEqual(before);
    expect(await readFile(join(dir, 'seed'))).toEqual(sealed);
    expect((await readdir(dir)).sort()).toEqual(['seed', 'seed.signed', 'signer.sock']);
    // The sealed bytes, taken as a seed, give other addresses: nothing usable lies in the clear.
    expect(new Keys(Buffer.from(sealed.subarray(-64))).address('wallet', 0)).not.toBe(before[0]);
  });

  it('does not start beside another one, or with a seed sealed under another key', async () => {
    await startChild();
    expect((await startChild()).exitCode).toBe(1);
    expect(await vault.relayerAddress(0)).toMatch(/^0x/);
    await Promise.all(children.map(kill));
    await writeFile(join(dir, 'seed'), Buffer.alloc(93, 1), { mode: 0o600 });
    expect((await startChild()).exitCode).toBe(1);
  });

  it('ends with its parent, and a client finds the next one', async () => {
    const child = await startChild();
    const address = await vault.relayerAddress(0);
    child.disconnect();
    await once(child, 'exit');
    await expect(vault.relayerAddress(0)).rejects.toThrow(VaultUnavailable);
    await startChild();
    expect(await vault.relayerAddress(0)).toBe(address);
  });

  it('may not be asked inside a database transaction', async () => {
    await expect(insideTransaction(() => vault.relayerAddress(0))).rejects.toThrow(
      /inside a database transaction/,
    );
  });
});

describe('key derivation', () => {
  it('is BIP-32', () => {
    const seed = Buffer.alloc(64, 9);
    const root = HDKey.fromMasterSeed(Uint8Array.from(seed));
    const keys = new Keys(seed);
    expect(seed.every((byte) => byte === 0)).toBe(true);
    for (const [branch, path] of [
      ['wallet', "m/44'/60'/0'/0"],
      ['relayer', "m/44'/60'/1'/0"],
    ] as const) {
      for (const index of [0, 1, 77_777, 2 ** 31 - 1]) {
        const node = root.derive(`${path}/${index}`);
        const expected = addressOf(node.privateKey ?? new Uint8Array());
        expect(keys.address(branch, index)).toBe(expected.toLowerCase());
      }
      for (const index of [2 ** 31, 2 ** 31 + 2 ** 20 - 1, 2 ** 50 + 12_345, MAX_PAGED_INDEX]) {
        const node = root.derive(`${path}/${Math.floor(index / 2 ** 20)}/${index % 2 ** 20}`);
        const expected = addressOf(node.privateKey ?? new Uint8Array());
        expect(keys.address(branch, index)).toBe(expected.toLowerCase());
      }
    }
    expect(() => keys.address('wallet', MAX_PAGED_INDEX + 1)).toThrow('key index out of range');
  });
});

describe('the signing log', () => {
  const digest = `0x${'0'.repeat(64)}`;
  const token = `137:0x${'11'.repeat(20)}`;
  const tail = `1700000000 ${token} 5`;

  it('cuts off a torn last line and refuses any other damage', async () => {
    const path = join(dir, 'log');
    await writeFile(path, `snd_1 1 ${digest} ${tail}\nsnd_2 1 ${digest} 17`);
    const log = await SigningLog.open(path);
    expect(log.find('snd_1', 1)).toBe(digest);
    expect(log.find('snd_2', 1)).toBeUndefined();
    log.add({ sendId: 'snd_2', attempt: 1, digest, signedAt: 1_700_000_001, token, minor: 7n });
    await log.flush();
    await log.close();
    expect(await readFile(path, 'utf8')).toBe(
      `snd_1 1 ${digest} ${tail}\nsnd_2 1 ${digest} 1700000001 ${token} 7\n`,
    );
    const again = await SigningLog.open(path);
    expect(again.signedMinor(token, 1_700_000_002)).toBe(12n);
    await again.close();
    await writeFile(path, `snd_1 1 0x00\nsnd_2 1 ${digest} ${tail}\n`);
    await expect(SigningLog.open(path)).rejects.toThrow(/damaged/);
  });
});

describe('a rolling total', () => {
  it('is the sum of the last 24 h, however time and amounts come', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 9 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const total = new RollingTotal();
        const added: { at: number; minor: bigint }[] = [];
        let now = 0;
        for (const [pause, minor] of list) {
          now += pause;
          total.add(now, BigInt(minor));
          added.push({ at: now, minor: BigInt(minor) });
          const expected = added
            .filter(({ at }) => at > now - 86_400)
            .reduce((sum, each) => sum + each.minor, 0n);
          expect(total.at(now)).toBe(expected);
        }
      }),
    );
  });
});
