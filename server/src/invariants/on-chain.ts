import type { JsonRpc } from '../chain/rpc.ts';
import { decodeUint, encodeBalanceOf } from '../chain/token/calls.ts';
import type { Hex } from '../chain/token/hex.ts';
import { type Database, PLATFORM } from '../db/database.ts';
import type { Finding } from '../ledger/check.ts';
import { type LedgerHolding, listHoldings, settledBlock } from './rules-store.ts';

const CALLS_PER_BATCH = 100;
/** While the indexer settles block after block, a comparison holds only if no block was settled in between. */
const MAX_TRIES = 20;

/** Compares every address of the project with the token's `balanceOf` at the block the ledger has settled. */
export async function checkOnChain(
  db: Database,
  projectId: string,
  rpc: JsonRpc,
  token: string,
): Promise<readonly Finding[]> {
  let findings: readonly Finding[] = [];
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const block = await db.tx(PLATFORM, settledBlock);
    if (block === undefined) return [];
    const holdings = await db.tx(projectId, listHoldings);
    const balances = await balancesAt(rpc, token, holdings, block);
    findings = holdings.flatMap(({ subject, minor }, index) =>
      balances[index] === minor
        ? []
        : [
            {
              rule: 'an address holds on chain what the ledger says',
              subject,
              detail: `ledger ${minor}, chain ${balances[index]} at block ${block}`,
            },
          ],
    );
    if (findings.length === 0 || block === (await db.tx(PLATFORM, settledBlock))) return findings;
  }
  return findings;
}

async function balancesAt(
  rpc: JsonRpc,
  token: string,
  holdings: readonly LedgerHolding[],
  block: bigint,
): Promise<bigint[]> {
  const balances: bigint[] = [];
  for (let from = 0; from < holdings.length; from += CALLS_PER_BATCH) {
    const calls = holdings.slice(from, from + CALLS_PER_BATCH).map(({ address }) => ({
      method: 'eth_call',
      params: [{ to: token, data: encodeBalanceOf(address) }, `0x${block.toString(16)}`],
    }));
    for (const answer of await rpc.batch<Hex>(calls)) {
      if (answer instanceof Error) throw answer;
      balances.push(decodeUint(answer));
    }
  }
  return balances;
}
