import type { Tx } from '../db/database.ts';
import { checkAccounts } from './check-accounts.ts';
import type { Finding } from './finding.ts';
import { checkChain } from './journal-chain.ts';

/** What is collected of a ledger that is broken all over; more would say no more. */
const MAX_FINDINGS = 1_000;

/**
 * Recomputes every ledger invariant of the transaction's project, entry by entry and batch by batch: memory is bounded
 * whatever its size. The transaction must see one snapshot, or what is written meanwhile looks like a finding.
 */
export async function* streamLedgerFindings(tx: Tx): AsyncGenerator<Finding> {
  const total = yield* checkAccounts(tx);
  const chained = yield* checkChain(tx);
  if (total !== chained.transfers) {
    yield {
      rule: 'each transfer is in one batch of the journal',
      subject: tx.scope,
      detail: `${total} transfers, ${chained.transfers} in batches`,
    };
  }
}

/** The same, collected; no more than a thousand. */
export async function checkLedger(tx: Tx): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of streamLedgerFindings(tx)) {
    findings.push(finding);
    if (findings.length >= MAX_FINDINGS) break;
  }
  return findings;
}
