import { headers } from '../chain/blocks.ts';
import { type Cursor, findCursor } from '../chain/indexer/store.ts';
import type { JsonRpc } from '../chain/rpc.ts';
import { balancesAt } from '../chain/token/balances.ts';
import type { Database, Tx } from '../db/database.ts';
import { assert, must } from '../kernel/assert.ts';
import {
  depositAddressHoldings,
  findWorldStart,
  type Holding,
  treasuryHoldings,
  walletHoldings,
} from './store.ts';

/** Addresses that are held in memory and compared at a time. */
const PAGE_SIZE = 1_000;

/** The chain to compare the ledger with: a node, and the token's address. */
export interface ChainToCompare {
  readonly rpc: JsonRpc;
  readonly token: string;
}

/** An address with what the ledger says it held after the block, and what the token contract says. */
export interface ComparedHolding extends Holding {
  readonly chainMinor: bigint;
}

/**
 * The block to compare a project at: the last one whose effects are all in the ledger, which is a final one. Undefined
 * before the first, and where the chain was still that of another world of the project. Throws when the node has another
 * block at its height, or none.
 */
export async function settledBlock(
  db: Database,
  { rpc }: ChainToCompare,
  projectId: string,
): Promise<bigint | undefined> {
  const cursor = await findCursor(db, 'polygon');
  if (!cursor || cursor.number < 0) return undefined;
  const block = BigInt(cursor.number);
  if (!(await db.tx(projectId, (tx) => isOfWorld(tx, block)))) return undefined;
  await requireBlock(rpc, cursor);
  return block;
}

/** Whether the chain held after the block what is the project's by now: its world may have been changed since. */
export async function isOfWorld(tx: Tx, block: bigint): Promise<boolean> {
  const { is_changing, since_block } = await findWorldStart(tx);
  return !is_changing && (since_block ?? -1n) < block;
}

async function requireBlock(rpc: JsonRpc, { number, hash }: Cursor): Promise<void> {
  const [header] = await headers(rpc, [number]);
  assert(header?.hash === hash, `the node does not have the block ${number} that was settled (${hash})`);
}

/**
 * Compares every address of a project at one block, page by page, the treasury first. Settlement may go on meanwhile:
 * what later blocks did is taken out of the ledger's side. Changes nothing.
 */
export async function* compareHoldings(
  db: Database,
  chain: ChainToCompare,
  projectId: string,
  block: bigint,
): AsyncGenerator<readonly ComparedHolding[]> {
  yield withChain(chain, await db.tx(projectId, (tx) => treasuryHoldings(tx, block)), block);
  for (const holdingsAfter of [walletHoldings, depositAddressHoldings]) {
    let after: string | undefined = '';
    while (after !== undefined) {
      const from: string = after;
      const page = await db.tx(projectId, (tx) => holdingsAfter(tx, block, from, PAGE_SIZE));
      if (page.length > 0) yield withChain(chain, page, block);
      after = page.length < PAGE_SIZE ? undefined : page.at(-1)?.subject_id;
    }
  }
}

async function withChain(
  { rpc, token }: ChainToCompare,
  holdings: readonly Holding[],
  block: bigint,
): Promise<ComparedHolding[]> {
  const addresses = holdings.map(({ address }) => address);
  const balances = await balancesAt(rpc, token, addresses, block);
  return holdings.map((holding, i) => ({ ...holding, chainMinor: must(balances[i], 'a balance each') }));
}

export const isBroken = ({ ledger_minor, chainMinor }: ComparedHolding): boolean =>
  ledger_minor !== chainMinor;
