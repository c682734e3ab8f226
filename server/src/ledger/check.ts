import type { Tx } from '../db/database.ts';
import { checkAccounts } from './check-accounts.ts';
import type { Finding } from './finding.ts';
import { type ChainSummary, checkChain } from './journal-chain.ts';

/** What is collected of a ledger that is broken all over; more would say no more. */
const MAX_FINDINGS = 1_000;

/** Told of so many transfers more that were recomputed, now and then; it may wait. */
export type OnRecomputed = (transfers: number) => Promise<void>;

const UNTOLD: OnRecomputed = async () => undefined;

/**
 * Recomputes every ledger invariant of the transaction's project, entry by entry and batch by batch: memory is bounded
 * whatever its size. The transaction must see one snapshot, or what is written meanwhile looks like a finding. Answers
 * the end of the chain; each transfer is recomputed twice, in its accounts and in its batch.
 */
export async function* verifyLedger(
  tx: Tx,
  onRecomputed: OnRecomputed = UNTOLD,
): AsyncGenerator<Finding, ChainSummary> {
  const total = yield* checkAccounts(tx, onRecomputed);
  const chained = yield* checkChain(tx, { onRecomputed });
  if (total !== chained.transfers) {
    yield {
      rule: 'each transfer is in one batch of the journal',
      subject: tx.scope,
      detail: `${total} transfers, ${chained.transfers} in batches`,
    };
  }
  return chained;
}

/** What is broken, as it is found. */
export async function* streamLedgerFindings(tx: Tx): AsyncGenerator<Finding> {
  yield* verifyLedger(tx);
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
