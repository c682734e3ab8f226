import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORM } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { DEPLOYER_KEY } from './local/genesis.ts';
import { submitAs as submitTo } from './log-emitter.testing.ts';
import { insertBatch, listRelayers } from './relayer/store.ts';
import { type SettlementWorld, startSettlementWorld } from './settlement.testing.ts';
import { authorizationNonce, domainSeparator, signAuthorization } from './token/authorization.ts';
import { encodeTransfer, encodeTransferWithAuthorization } from './token/calls.ts';
import { USDC_POLYGON } from './token/contracts.ts';
import { addressOf } from './token/secp256k1.ts';
import { VaultClient, VaultUnavailable } from './vault/client.ts';

const OUTSIDE = `0x${'e1'.repeat(20)}`;
const ZERO_HASH = `0x${'0'.repeat(64)}`;
const MINUTE_MS = 60_000;

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld();
});
afterAll(() => world?.stop());

/** Repeats until the condition holds; for what other processes and loops do in their own time. */
async function poll(condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error('not reached in 20 s');
    await delay(20);
  }
}

const submitAs = (key: Uint8Array, to: string, data: string, gas?: bigint) =>
  submitTo(world.node, key, to, data, gas);

const sendRow = async (sendId: string) =>
  must(
    (
      await world.query<{ status: string; attempt: number; relays: number; batch_id: string | null }>(
        'select status, attempt, relays, batch_id from sends where send_id = $1',
        [sendId],
      )
    )[0],
    'the send',
  );

const batchRow = async (batchId: string | null) =>
  must(
    (
      await world.query<{ status: string; nonce: bigint; attempts: bigint }>(
        `select status, nonce, (select count(*) from relay_attempts a where a.batch_id = b.batch_id) as attempts
       from relay_batches b where batch_id = $1`,
        [batchId],
      )
    )[0],
    'the batch',
  );

const lastHash = async (batchId: string | null): Promise<string> =>
  must(
    (
      await world.query<{ hash: string }>(
        'select hash from relay_attempts where batch_id = $1 order by max_fee_per_gas desc',
        [batchId],
      )
    )[0],
    'an attempt',
  ).hash;

describe('sends', () => {
  it('a hundred are paid exactly once, and none of them is a deposit', async () => {
    const wallets = await Promise.all([10n, 10n, 10n, 10n, 10n].map((units) => world.wallet(units * 1_000n)));
    const receiver = await world.wallet(0n);
    await world.until(() => world.told.credited.length === 5);
    const before = await world.balance(OUTSIDE);
    const sendIds: string[] = [];
    for (const wallet of wallets) {
      for (let i = 1n; i <= 20n; i++) {
        sendIds.push(await world.send(wallet, i % 2n === 0n ? receiver.address : OUTSIDE, i));
      }
    }
    await world.until(() => sendIds.every(world.isPaid));
    expect(sendIds.map(world.timesPaid)).toEqual(sendIds.map(() => 1));
    expect((await world.balance(OUTSIDE)) - before).toBe(5n * 100n);
    expect(await world.balance(receiver.address)).toBe(5n * 110n);
    expect(world.told.detected.filter(({ to }) => to === receiver.address)).toEqual([]);
    expect((await world.query('select from relay_batches')).length).toBe(1);
  });

  it('one to an outside address that turns out to be watched is a deposit there', async () => {
    const payer = await world.wallet(500n);
    const stranger = await world.wallet(0n);
    const sendId = await world.send(payer, stranger.address, 7n, false);
    await world.until(() => world.isPaid(sendId));
    await world.until(() => world.told.credited.some(({ to }) => to === stranger.address));
    const arrivals = world.told.credited.filter(({ to }) => to === stranger.address);
    expect(arrivals.map(({ amountMinor }) => amountMinor)).toEqual([7n]);
  });

  it('an uncommitted send does not exist', async () => {
    const wallet = await world.wallet(10n);
    const failing = world.db.tx(world.projectId, async (tx) => {
      await world.chain.sends.requestSend(tx, {
        fromKeyIndex: wallet.keyIndex,
        fromAddress: wallet.address,
        to: OUTSIDE,
        amountMinor: 1n,
        network: 'polygon',
        asset: 'usdc',
        purpose: 'test',
        resourceId: 'txn_rolled_back',
        booksRecipient: true,
      });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await world.query(`select from sends where resource_id = 'txn_rolled_back'`)).toEqual([]);
  });

  it('refuses a wallet whose address is not that of its key', async () => {
    const [a, b] = [await world.wallet(10n), await world.wallet(10n)];
    await expect(world.send({ ...a, keyIndex: b.keyIndex }, OUTSIDE, 1n)).rejects.toThrow(/foreign key/);
  });
});

describe('a send is paid exactly once', () => {
  const paidOnce = async (trouble: (sendId: string) => Promise<void>): Promise<string> => {
    const wallet = await world.wallet(100n);
    await world.step();
    const before = await world.balance(OUTSIDE);
    const sendId = await world.send(wallet, OUTSIDE, 7n);
    await trouble(sendId);
    await world.until(() => world.isPaid(sendId));
    for (let i = 0; i < 4; i++) await world.step();
    expect(world.timesPaid(sendId)).toBe(1);
    expect((await world.balance(OUTSIDE)) - before).toBe(7n);
    return sendId;
  };

  it('when the process dies after storing the batch and before its broadcast', async () => {
    await paidOnce(async (sendId) => {
      world.proxy.faults.dropRequests = 1;
      await world.chain.relayer.tick();
      expect((await batchRow((await sendRow(sendId)).batch_id)).status).toBe('signed');
      await world.restart();
    });
  });

  it('when the signer cannot be reached after its authorization is fixed', async () => {
    const sendId = await paidOnce(async () => {
      const nowhere = new VaultClient({ socketPath: '/nonexistent/signer.sock', timeoutMs: 1_000 });
      await world.restart(nowhere);
      await expect(world.chain.relayer.tick()).rejects.toThrow(VaultUnavailable);
      world.clock.advance(MINUTE_MS);
      await world.restart();
    });
    const signed = (await world.signingLog()).split('\n').filter((line) => line.startsWith(`${sendId} `));
    expect(signed).toHaveLength(1);
  });

  it('when the answer to the broadcast is lost', async () => {
    await paidOnce(async () => {
      world.proxy.faults.dropResponses = 1;
      await world.chain.relayer.tick();
    });
  });

  it('when the node is down for a while', async () => {
    await paidOnce(async () => {
      world.proxy.faults.down = true;
      try {
        // A tick that finds its lock gone asks the node nothing.
        await poll(() =>
          world.chain.drainOnce().then(
            () => false,
            (error: Error) => /no answer/.test(error.message),
          ),
        );
      } finally {
        world.proxy.faults.down = false;
      }
    });
  });

  it('when the node drops the transaction', async () => {
    await paidOnce(async (sendId) => {
      await world.chain.relayer.tick();
      const hash = await lastHash((await sendRow(sendId)).batch_id);
      await world.node.call('anvil_dropTransaction', [hash]);
    });
  });

  it('when a stranger uses its nonce from an account of their own', async () => {
    const key = randomBytes(32);
    const separator = domainSeparator({
      name: 'USD Coin',
      version: '2',
      chainId: 137,
      verifyingContract: USDC_POLYGON,
    });
    await paidOnce(async (sendId) => {
      const authorization = {
        from: addressOf(key),
        to: OUTSIDE,
        value: 0n,
        validAfter: 0n,
        validBefore: 2n ** 40n,
        nonce: authorizationNonce(sendId, 1),
      };
      const signature = signAuthorization(key, authorization, separator);
      await submitAs(DEPLOYER_KEY, USDC_POLYGON, encodeTransferWithAuthorization(authorization, signature));
      await world.step();
    });
  });

  it('when a stranger submits the same calls first', async () => {
    const sendId = await paidOnce(async (id) => {
      await world.chain.relayer.tick();
      const hash = await lastHash((await sendRow(id)).batch_id);
      const { input, to, gas } = await world.node.call<{ input: string; to: string; gas: string }>(
        'eth_getTransactionByHash',
        [hash],
      );
      await world.node.call('anvil_dropTransaction', [hash]);
      await submitAs(DEPLOYER_KEY, to, input, BigInt(gas));
      await world.local.mine();
    });
    const batchId = (await sendRow(sendId)).batch_id;
    await world.until(async () => (await batchRow(batchId)).status === 'final');
  });

  it('when another transaction of the relayer takes the nonce', async () => {
    const sendId = await paidOnce(async (id) => {
      world.proxy.faults.dropRequests = 1;
      await world.chain.relayer.tick();
      const first = (await sendRow(id)).batch_id;
      await submitAs(await world.relayerKey(0), OUTSIDE, '0x', 21_000n);
      await world.local.mine();
      await world.until(async () => (await batchRow(first)).status === 'superseded');
    });
    expect((await sendRow(sendId)).attempt).toBe(1);
  });

  it('when a reorganisation removes its block', async () => {
    await paidOnce(async (sendId) => {
      await world.chain.relayer.tick();
      await world.local.mine();
      await world.chain.drainOnce();
      const { batch_id } = await sendRow(sendId);
      expect((await batchRow(batch_id)).status).toBe('mined');
      await world.node.call('anvil_reorg', [1, []]);
    });
  });

  it('when the base fee rises tenfold while it waits', async () => {
    const sendId = await paidOnce(async (id) => {
      await world.chain.relayer.tick();
      const { batch_id } = await sendRow(id);
      await world.node.call('anvil_dropTransaction', [await lastHash(batch_id)]);
      await world.node.call('anvil_setNextBlockBaseFeePerGas', [`0x${(300n * 10n ** 9n).toString(16)}`]);
      await world.local.mine();
      await world.chain.relayer.tick();
      expect((await batchRow(batch_id)).attempts).toBe(2n);
    });
    expect((await sendRow(sendId)).attempt).toBe(1);
  });

  it('when it could not be relayed before its authorization ended', async () => {
    const sendId = await paidOnce(async (id) => {
      world.proxy.faults.dropRequests = 1;
      await world.chain.relayer.tick();
      await world.restart();
      world.clock.advance(21 * MINUTE_MS);
      for (let i = 0; i < 4; i++) await world.local.mine();
      expect((await sendRow(id)).attempt).toBe(1);
    });
    expect((await sendRow(sendId)).attempt).toBe(2);
  });
});

describe('several processes', () => {
  it('take turns: one relays and indexes, another takes over when it ends or loses its lock', async () => {
    const second = world.newChain();
    try {
      const wallet = await world.wallet(100n);
      const sendId = await world.send(wallet, OUTSIDE, 1n);
      expect(await second.drainOnce()).toBe(false);
      expect((await sendRow(sendId)).status).toBe('queued');
      await world.asOwner(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 721634`,
      );
      await poll(async () => {
        await second.drainOnce();
        return (await sendRow(sendId)).status === 'relaying';
      });
      expect(await world.chain.drainOnce()).toBe(false);
      await second.stop();
      await world.until(() => world.isPaid(sendId));
    } finally {
      await second.stop();
    }
  });

  it('cannot both use a nonce', async () => {
    const [relayer] = await listRelayers(world.db, 'polygon');
    const stale = { ...must(relayer, 'a relayer'), nextNonce: must(relayer, 'a relayer').nextNonce - 1 };
    const attempt = {
      hash: `0x${'00'.repeat(32)}`,
      raw: '0x',
      maxFeePerGas: 1n,
      maxPriorityFeePerGas: 1n,
      createdAt: world.clock.now(),
    };
    const batch = { batchId: 'rlb_stale', relayer: stale, gas: 1n, transfers: [], attempt };
    const storing = world.db.tx(PLATFORM, (tx) => insertBatch(tx, 'polygon', batch));
    await expect(storing).rejects.toThrow(/nonce of the relayer/);
  });

  it('work by themselves once started', async () => {
    await world.restart();
    await world.chain.start();
    const wallet = await world.wallet(100n);
    const sendId = await world.send(wallet, OUTSIDE, 1n);
    await poll(async () => {
      await world.local.mine();
      return world.isPaid(sendId);
    });
    await world.restart();
  });
});

describe('a send that cannot be paid', () => {
  it('fails once its authorization is finalized-dead, and is not paid by money that comes later', async () => {
    const wallet = await world.wallet(5n);
    const other = await world.wallet(50n);
    const hopeless = await world.send(wallet, OUTSIDE, 6n);
    const fine = await world.send(other, OUTSIDE, 1n);
    await world.until(() => world.isPaid(fine));
    await world.until(async () => (await sendRow(hopeless)).relays === 3);
    for (let i = 0; i < 4; i++) await world.step();
    expect(world.told.failed).toEqual([]);
    expect((await sendRow(hopeless)).status).toBe('relaying');
    world.clock.advance(21 * MINUTE_MS);
    await world.until(() => world.told.failed.length > 0);
    expect(world.told.failed).toMatchObject([
      { sendId: hopeless, failureCode: 'insufficient_onchain_balance', amountMinor: 6n },
    ]);
    await world.local.mintUsdc(wallet.address, 10n);
    for (let i = 0; i < 4; i++) await world.step();
    expect(await world.balance(wallet.address)).toBe(15n);
  });
});

describe('a payment that the database has forgotten, as after restoring an old backup', () => {
  it('is neither repeated nor reported as failed', async () => {
    const wallet = await world.wallet(100n);
    const sendId = await world.send(wallet, OUTSIDE, 7n);
    await world.until(() => world.isPaid(sendId));
    await world.force(
      `update sends set status = 'queued', tx_hash = null, block_number = null, log_index = null, settled_at = null
       where send_id = $1`,
      [sendId],
    );
    const failed = world.told.failed.length;
    await world.until(async () => (await sendRow(sendId)).relays === 3);
    world.clock.advance(21 * MINUTE_MS);
    for (let i = 0; i < 8; i++) await world.step();
    expect((await sendRow(sendId)).attempt).toBe(1);
    expect(world.told.failed.length).toBe(failed);
    expect(await world.balance(wallet.address)).toBe(93n);
    // An indexer that reads the chain again finds it.
    await world.query('update indexer_cursors set finalized_number = -1, finalized_hash = $1', [ZERO_HASH]);
    await world.query('delete from chain_blocks');
    await world.until(() => world.timesPaid(sendId) === 2);
  });
});

describe('deposits', () => {
  const told = (to: string) => ({
    detected: world.told.detected.filter((deposit) => deposit.to === to),
    credited: world.told.credited.filter((deposit) => deposit.to === to),
    orphaned: world.told.orphaned.filter((deposit) => deposit.to === to),
  });

  it('is detected at the head and credited once when final', async () => {
    const wallet = await world.wallet(0n);
    await world.step();
    await submitAs(DEPLOYER_KEY, USDC_POLYGON, encodeTransfer(wallet.address, 0n));
    await world.local.mintUsdc(wallet.address, 25n);
    await world.local.mine();
    await world.until(() => told(wallet.address).detected.length === 1);
    expect(told(wallet.address).credited).toEqual([]);
    await world.until(() => told(wallet.address).credited.length === 1);
    await world.restart();
    for (let i = 0; i < 4; i++) await world.step();
    const { detected, credited, orphaned } = told(wallet.address);
    expect(credited).toEqual(detected);
    expect(credited).toMatchObject([
      { amountMinor: 25n, purpose: 'wallet', resourceId: `wlt_${wallet.keyIndex}` },
    ]);
    expect(orphaned).toEqual([]);
  });

  it('is taken back when its block is reorganised away, and credited once where it comes to rest', async () => {
    const wallet = await world.wallet(0n);
    await world.until(() => true);
    const { address } = wallet;
    await world.local.mintUsdc(address, 25n);
    if ((await world.balance(address)) === 0n) await world.local.mine();
    await world.chain.indexer.tick();
    await world.chain.indexer.tick();
    expect(told(address).detected).toHaveLength(1);
    await world.node.call('anvil_reorg', [1, []]);
    await world.chain.indexer.tick();
    expect(told(address).orphaned).toHaveLength(1);
    expect(told(address).credited).toEqual([]);
    if ((await world.balance(address)) === 0n) await world.local.mintUsdc(address, 25n);
    await world.until(() => told(address).credited.length === 1);
    for (let i = 0; i < 4; i++) await world.step();
    expect(told(address).credited).toHaveLength(1);
    expect(told(address).detected).toHaveLength(2);
    expect(await world.balance(address)).toBe(25n);
  });

  it('is credited once by an indexer that was away for hundreds of blocks', async () => {
    const wallet = await world.wallet(25n);
    await world.local.mine(300);
    await world.until(() => told(wallet.address).credited.length === 1);
    for (let i = 0; i < 10; i++) await world.step();
    expect(told(wallet.address).detected).toHaveLength(1);
    expect(told(wallet.address).credited).toHaveLength(1);
  });

  it('are found by an indexer that starts anew, and none is told twice', async () => {
    for (let i = 0; i < 6; i++) await world.step();
    const before = structuredClone(world.told);
    await world.query('update indexer_cursors set finalized_number = -1, finalized_hash = $1', [
      `0x${'0'.repeat(64)}`,
    ]);
    await world.query('delete from chain_blocks');
    await world.restart();
    await world.chain.fillAddressPool(200);
    for (let i = 0; i < 10; i++) await world.step();
    expect(world.told).toEqual(before);
  });
});

describe('the address pool', () => {
  it('gives each address once, whoever asks at the same time', async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => world.wallet(0n)));
    expect(new Set(taken.map(({ keyIndex }) => keyIndex)).size).toBe(8);
    const fillers = await Promise.all([world.chain.fillAddressPool(400), world.chain.fillAddressPool(400)]);
    expect(Math.max(...fillers)).toBeGreaterThan(0);
    const [{ rows, addresses } = { rows: 0n, addresses: 0n }] = await world.query<{
      rows: bigint;
      addresses: bigint;
    }>('select count(*) as rows, count(distinct address) as addresses from address_pool');
    expect(rows).toBe(addresses);
  });
});
