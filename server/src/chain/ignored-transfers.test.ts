import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toQuantity } from './blocks.ts';
import { DEPLOYER_KEY } from './local/genesis.ts';
import { type EmittedLog, emit, installEmitters, submitAs, transferLog } from './log-emitter.testing.ts';
import type { RpcCall } from './rpc.ts';
import { REFUSED } from './rpc-proxy.testing.ts';
import { type SettlementWorld, startSettlementWorld } from './settlement.testing.ts';
import { encodeTransfer } from './token/calls.ts';
import { USDC_POLYGON } from './token/contracts.ts';
import { addressWord } from './token/hex.ts';
import { TOPICS } from './token/logs.ts';

const STRANGER = `0x${'e1'.repeat(20)}`;
const MAX_UINT = 2n ** 256n - 1n;
const TRAILING_STEPS = 6;

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld();
  await installEmitters(world.node);
});
afterAll(() => world?.stop());

interface Listed {
  reason: string;
  token: string;
  amount: bigint;
  tx_hash: string;
  log_index: number;
  block_hash: string;
}

const listedAt = (address: string): Promise<Listed[]> =>
  world.db.tx(world.projectId, (tx) =>
    tx.query<Listed>(
      `select reason, token, amount, tx_hash, log_index, block_hash from ignored_transfers where to_address = $1
       order by ignored_transfer_id`,
      [address.toLowerCase()],
    ),
  );

/** Until what was done is final, settled and listed. */
async function settle(): Promise<void> {
  for (let i = 0; i < TRAILING_STEPS; i++) await world.step();
}

const emitLog = (log: EmittedLog) => emit(world.node, log);

/** The books know nothing of the address. */
function expectNoDeposit(address: string): void {
  expect([...world.told.detected, ...world.told.credited].filter(({ to }) => to === address)).toEqual([]);
}

/** Reads of every contract's logs are the list's alone; the indexer names its token. */
const isListing = ({ method, params }: RpcCall): boolean =>
  method === 'eth_getLogs' && !((params?.[0] ?? {}) as { address?: unknown }).address;

describe('a transfer that is no deposit', () => {
  it('is listed once when final, whether of another token or of nothing, and moves nothing', async () => {
    const { address } = await world.wallet(0n);
    const { token, txHash } = await emitLog(transferLog(STRANGER, address, 25n));
    await submitAs(world.node, DEPLOYER_KEY, USDC_POLYGON, encodeTransfer(address, 0n));
    await world.step();
    await world.step();
    expect(await listedAt(address)).toEqual([]);
    await settle();
    expect(await listedAt(address)).toMatchObject([
      { reason: 'wrong_token', token, amount: 25n, tx_hash: txHash },
      { reason: 'zero_value', token: USDC_POLYGON.toLowerCase(), amount: 0n },
    ]);
    expectNoDeposit(address);
    expect(await world.balance(address)).toBe(0n);
  });

  it('is listed in any amount that fits its log, and not at all in another shape', async () => {
    const { address } = await world.wallet(0n);
    const fair = transferLog(STRANGER, address, MAX_UINT);
    const [topic = '', from = '', to = ''] = fair.topics;
    const dirty = `0x01${to.slice(4)}`;
    const hostile: readonly EmittedLog[] = [
      { topics: [topic, from, to], data: '0x' },
      { topics: [topic, from, to], data: '0xff' },
      { topics: [topic, from, to], data: `0x${'ff'.repeat(31)}` },
      { topics: [topic, from, to], data: `0x${'ff'.repeat(64)}` },
      { topics: [topic, from, dirty], data: fair.data },
      { topics: [topic, dirty, to], data: fair.data },
      { topics: [topic, from, to, to], data: fair.data },
      { topics: [topic, from, to, to], data: '0x' },
      { topics: [topic, from], data: `0x${addressWord(address)}${fair.data.slice(2)}` },
      { topics: [topic], data: `${from}${to.slice(2)}${fair.data.slice(2)}` },
      { topics: [], data: fair.data },
    ];
    const emitted: string[] = [];
    for (const log of [...hostile, fair]) emitted.push((await emitLog(log)).txHash);
    const paid = await world.wallet(25n);
    await settle();
    for (const [i, txHash] of emitted.entries()) {
      const receipt = await world.node.call<{ logs: unknown }>('eth_getTransactionReceipt', [txHash]);
      expect(receipt.logs).toMatchObject([[...hostile, fair][i]]);
    }
    expect(await listedAt(address)).toMatchObject([{ reason: 'wrong_token', amount: MAX_UINT }]);
    expectNoDeposit(address);
    expect(world.told.credited.filter(({ to: at }) => at === paid.address)).toHaveLength(1);
  });

  it('is not taken for our payment, whatever it says was authorized', async () => {
    const payer = await world.wallet(100n);
    const receiver = await world.wallet(0n);
    await settle();
    const sendId = await world.send(payer, receiver.address, 7n);
    world.proxy.faults.dropRequests = 1;
    await world.chain.relayer.tick();
    const [send] = await world.query<{ authorization_nonce: string }>(
      'select authorization_nonce from sends where send_id = $1',
      [sendId],
    );
    const nonce = send?.authorization_nonce ?? '';
    for (const topic of [TOPICS.authorizationUsed, TOPICS.authorizationCanceled]) {
      await emitLog({ topics: [topic, `0x${addressWord(payer.address)}`, nonce], data: '0x' });
    }
    await emitLog(transferLog(payer.address, receiver.address, 7n));
    for (let i = 0; i < TRAILING_STEPS; i++) {
      await world.local.mine();
      await world.chain.indexer.tick();
    }
    expect(world.timesPaid(sendId)).toBe(0);
    await world.until(() => world.isPaid(sendId));
    await settle();
    expect(world.timesPaid(sendId)).toBe(1);
    expect(await world.balance(receiver.address)).toBe(7n);
    expect(await listedAt(receiver.address)).toMatchObject([{ reason: 'wrong_token', amount: 7n }]);
    expectNoDeposit(receiver.address);
  });

  it('is not credited when the node passes it off as the token’s', async () => {
    const { address } = await world.wallet(0n);
    await settle();
    const { token } = await emitLog(transferLog(STRANGER, address, 25n));
    await world.local.mine();
    const { number } = await world.node.call<{ number: string }>('eth_getBlockByNumber', ['latest', false]);
    const filter = { fromBlock: number, toBlock: number, address: token };
    const foreign = await world.node.call<unknown[]>('eth_getLogs', [filter]);
    expect(foreign).toHaveLength(1);
    world.proxy.faults.answer = (call) =>
      call.method === 'eth_getLogs' && !isListing(call) ? { result: foreign } : undefined;
    for (let i = 0; i < 3; i++) {
      await world.local.mine();
      await expect(world.chain.indexer.tick()).rejects.toThrow(/not asked for/);
    }
    world.proxy.faults.answer = () => undefined;
    await settle();
    expectNoDeposit(address);
    expect(await listedAt(address)).toMatchObject([{ reason: 'wrong_token', amount: 25n }]);
  });

  it('is listed where it comes to rest, and never when its block is reorganised away', async () => {
    const { address } = await world.wallet(0n);
    await settle();
    await emitLog(transferLog(STRANGER, address, 1n));
    await world.local.mine();
    await world.chain.drainOnce();
    await world.node.call('anvil_reorg', [1, []]);
    await settle();
    await emitLog(transferLog(STRANGER, address, 2n));
    await settle();
    const filter = { fromBlock: '0x0', toBlock: 'latest', topics: transferLog(STRANGER, address, 0n).topics };
    const final = await world.node.call<{ transactionHash: string; logIndex: string; blockHash: string }[]>(
      'eth_getLogs',
      [filter],
    );
    const listed = await listedAt(address);
    expect(listed.map(({ tx_hash, log_index, block_hash }) => [tx_hash, log_index, block_hash])).toEqual(
      final.map(({ transactionHash, logIndex, blockHash }) => [transactionHash, Number(logIndex), blockHash]),
    );
    expect(listed.length).toBeGreaterThan(0);
  });
});

describe('the list', () => {
  const cursors = async () =>
    (
      await world.query<{ listed: bigint; settled: bigint }>(
        `select listed_number as listed, finalized_number as settled
         from ignored_transfer_cursors join indexer_cursors using (network)`,
      )
    )[0];

  it('finds what came while nobody read, in ranges that halve when the node refuses them, and nothing twice', async () => {
    const { address } = await world.wallet(0n);
    for (const value of [1n, 2n, 3n]) {
      await emitLog(transferLog(STRANGER, address, value));
      await world.local.mine(60);
    }
    const widths: number[] = [];
    world.proxy.faults.answer = (call) => {
      const { fromBlock, toBlock } = (call.params?.[0] ?? {}) as Record<string, string>;
      if (!isListing(call) || !fromBlock) return undefined;
      const width = Number(toBlock) - Number(fromBlock) + 1;
      widths.push(width);
      return width > 40 ? REFUSED : undefined;
    };
    await world.query('update ignored_transfer_cursors set listed_number = -1');
    await world.restart();
    const before = structuredClone(world.told);
    await settle();
    for (let at = await cursors(); at?.listed !== at?.settled; at = await cursors()) {
      await world.chain.ignoredTransfers.tick().catch(() => undefined);
    }
    world.proxy.faults.answer = () => undefined;
    expect(Math.max(...widths)).toBeGreaterThan(40);
    expect(widths.filter((width) => width <= 40).length).toBeGreaterThan(3);
    expect((await listedAt(address)).map(({ amount }) => amount)).toEqual([1n, 2n, 3n]);
    expect(world.told.credited).toEqual(before.credited);
    const twice = await world.db.tx(world.projectId, (tx) =>
      tx.query('select from ignored_transfers group by tx_hash, log_index having count(*) > 1'),
    );
    expect(twice).toEqual([]);
  });

  it('waits while the node refuses to read other tokens, and deposits do not', async () => {
    const { address } = await world.wallet(0n);
    await emitLog(transferLog(STRANGER, address, 1n));
    world.proxy.faults.answer = (call) => (isListing(call) ? REFUSED : undefined);
    await world.local.mintUsdc(address, 25n);
    await world.until(() => world.told.credited.some(({ to }) => to === address));
    await settle();
    expect(await listedAt(address)).toEqual([]);
    world.proxy.faults.answer = () => undefined;
    await world.until(async () => (await listedAt(address)).length === 1);
  });

  it('never passes what is settled, nor believes a node that has another block there', async () => {
    await settle();
    const at = await cursors();
    expect(at?.listed).toBe(at?.settled);
    const settled = Number(at?.settled);
    await world.query('update ignored_transfer_cursors set listed_number = listed_number - 2');
    await world.query(`update indexer_cursors set finalized_hash = '0x' || repeat('1', 64)`);
    await expect(world.chain.ignoredTransfers.tick()).rejects.toThrow(/another block/);
    const header = await world.node.call<{ hash: string }>('eth_getBlockByNumber', [
      toQuantity(settled),
      false,
    ]);
    await world.query('update indexer_cursors set finalized_hash = $1', [header.hash]);
    await settle();
    expect((await cursors())?.listed).toBe((await cursors())?.settled);
  });

  it('cannot be changed, and is one project’s alone', async () => {
    for (const sql of ['update ignored_transfers set amount = 1', 'delete from ignored_transfers']) {
      await expect(world.asOwner(sql)).rejects.toThrow(/append-only/);
      await expect(world.db.tx(world.projectId, (tx) => tx.query(sql))).rejects.toThrow(/permission denied/);
    }
    expect(await world.query('select from ignored_transfers')).toEqual([]);
  });
});
