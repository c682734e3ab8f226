import type { Database } from '../db/database.ts';
import type { Finding } from '../ledger/finding.ts';
import {
  type ChainToCompare,
  compareHoldings,
  isBroken,
  isOfWorld,
  settledBlock,
} from '../reconciliation/compare.ts';

/** Compares every address of the project with the token's `balanceOf` at the block the ledger has settled. */
export async function checkOnChain(
  db: Database,
  projectId: string,
  chain: ChainToCompare,
): Promise<readonly Finding[]> {
  const block = await settledBlock(db, chain, projectId);
  if (block === undefined) return [];
  const findings: Finding[] = [];
  for await (const page of compareHoldings(db, chain, projectId, block)) {
    for (const { subject_type, subject_id, ledger_minor, chainMinor } of page.filter(isBroken)) {
      findings.push({
        rule: 'an address holds on chain what the ledger says',
        subject: subject_type === 'treasury' ? `treasury ${subject_id}` : subject_id,
        detail: `ledger ${ledger_minor}, chain ${chainMinor} at block ${block}`,
      });
    }
  }
  // Pages are of one world, or say nothing.
  return (await db.tx(projectId, (tx) => isOfWorld(tx, block))) ? findings : [];
}
