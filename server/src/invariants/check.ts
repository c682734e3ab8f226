import { type Database, PLATFORM } from '../db/database.ts';
import { checkLedger, type Finding } from '../ledger/check.ts';
import type { ChainToCompare } from '../reconciliation/compare.ts';
import { checkOnChain } from './on-chain.ts';
import { checkRules, listProjectIds } from './rules-store.ts';

export type { Finding } from '../ledger/check.ts';

export interface ProjectFinding extends Finding {
  readonly projectId: string;
}

/**
 * The oracle: recomputes every invariant of every project and answers what is broken; nothing, in a healthy
 * deployment. Without a chain the comparison of balances is left out. Changes nothing.
 */
export async function checkInvariants(
  db: Database,
  chain?: ChainToCompare,
): Promise<readonly ProjectFinding[]> {
  const findings: ProjectFinding[] = [];
  for (const projectId of await db.tx(PLATFORM, listProjectIds)) {
    const inBooks = await db.tx(projectId, async (tx) => [
      ...(await checkLedger(tx)),
      ...(await checkRules(tx)),
    ]);
    const onChain = chain ? await checkOnChain(db, projectId, chain) : [];
    findings.push(...[...inBooks, ...onChain].map((finding) => ({ ...finding, projectId })));
  }
  return findings;
}
