import { type Database, PLATFORM } from '../db/database.ts';
import { streamLedgerFindings } from '../ledger/check.ts';
import type { Finding } from '../ledger/finding.ts';
import type { ChainToCompare } from '../reconciliation/compare.ts';
import { checkOnChain } from './on-chain.ts';
import { checkRules, listProjectIds } from './rules-store.ts';

export interface ProjectFinding extends Finding {
  readonly projectId: string;
}

/** No more is collected than that; `reportInvariants` tells everything. */
const MAX_FINDINGS = 1_000;

/** What is broken, collected; nothing, in a healthy deployment. */
export async function checkInvariants(
  db: Database,
  chain?: ChainToCompare,
): Promise<readonly ProjectFinding[]> {
  const findings: ProjectFinding[] = [];
  await reportInvariants(db, chain, (finding) => {
    if (findings.length < MAX_FINDINGS) findings.push(finding);
  });
  return findings;
}

/**
 * The oracle: recomputes every invariant of every project and reports what is broken as it is found. Without a chain the
 * comparison of balances is left out. Changes nothing, and takes bounded memory whatever there is to check.
 */
export async function reportInvariants(
  db: Database,
  chain: ChainToCompare | undefined,
  report: (finding: ProjectFinding) => void,
): Promise<void> {
  for (const projectId of await db.tx(PLATFORM, listProjectIds)) {
    await db.snapshot(projectId, async (tx) => {
      for await (const finding of streamLedgerFindings(tx)) report({ ...finding, projectId });
      for (const finding of await checkRules(tx)) report({ ...finding, projectId });
    });
    if (!chain) continue;
    for (const finding of await checkOnChain(db, projectId, chain)) report({ ...finding, projectId });
  }
}
