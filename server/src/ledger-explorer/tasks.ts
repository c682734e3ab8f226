import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Job, Task } from '../jobs/jobs.ts';
import { addMs, type Clock, SECOND_MS } from '../kernel/clock.ts';
import { verifyLedger } from '../ledger/check.ts';
import * as store from './verification-store.ts';

export const VERIFY = 'ledger.verify';

export interface VerifyPayload {
  readonly verificationId: string;
}

/** A worker that has not said for so long that it goes on is gone, and another begins anew. */
const LEASE_MS = 15 * SECOND_MS;
const PROGRESS_MS = SECOND_MS;
/** The job of a long verification comes again and again while another worker is at it, and finds that. */
const MAX_ATTEMPTS = 10_000;
/** Snapshots that were begun and lost; then it has failed. */
const MAX_FINDINGS = 100;

class VerifiedElsewhere extends Error {
  override readonly name = 'VerifiedElsewhere';
}

interface VerifyDeps {
  readonly db: Database;
  readonly clock: Clock;
}

/**
 * Recomputes the books of a project from one snapshot. What it finds is written as it is found to be over, by whoever has
 * the lease: the job only sees to it that somebody has, also after a worker was killed.
 */
export const verifyTask = (deps: VerifyDeps): Task<VerifyPayload> => ({
  name: VERIFY,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: () => LEASE_MS,
  call: (job) => verify(deps, job),
  record: async () => undefined,
  onExhausted: (tx, { payload }) =>
    store.endVerification(tx, payload.verificationId, {
      status: 'failed',
      checked: 0n,
      total: 0n,
      findings: ['No worker came to an end with it.'],
      hash: null,
    }),
});

async function verify(
  { db, clock }: VerifyDeps,
  { projectId, payload }: Job<VerifyPayload>,
): Promise<undefined> {
  const { verificationId } = payload;
  const token = randomUUID();
  const lease = () => ({ token, now: clock.now(), until: addMs(clock.now(), LEASE_MS) });
  const claimed = await db.tx(projectId, (tx) => store.claim(tx, verificationId, lease()));
  if (claimed === 'over') return;
  if (claimed === 'elsewhere') throw new VerifiedElsewhere(verificationId);
  const state = { checked: 0n, total: 0n, notedAtMs: performance.now(), isLost: false };
  const note = async (): Promise<void> => {
    if (performance.now() - state.notedAtMs < PROGRESS_MS) return;
    state.notedAtMs = performance.now();
    const { checked, total } = state;
    const isOurs = await db.tx(projectId, (tx) =>
      store.noteProgress(tx, verificationId, { token, until: lease().until, checked, total }),
    );
    state.isLost = !isOurs;
  };
  const end = await recompute(db, projectId, state, note).catch(
    (error: Error): store.VerificationEnd => ({
      status: 'failed',
      checked: state.checked,
      total: state.total,
      findings: [`It could not be carried through: ${error.message}`],
      hash: null,
    }),
  );
  if (!state.isLost) {
    await db.tx(projectId, (tx) => store.endVerification(tx, verificationId, { ...end, token }));
  }
}

interface Progress {
  checked: bigint;
  total: bigint;
  isLost: boolean;
}

/** Each transfer is looked at twice: in its accounts and in its batch. */
const LOOKS = 2n;

function recompute(
  db: Database,
  projectId: string,
  state: Progress,
  note: () => Promise<void>,
): Promise<store.VerificationEnd> {
  return db.snapshot(projectId, async (tx) => {
    state.total = await store.countTransfers(tx);
    let looks = 0n;
    const steps = verifyLedger(tx, async (transfers) => {
      looks += BigInt(transfers);
      state.checked = looks / LOOKS;
      await note();
    });
    const findings: string[] = [];
    for (;;) {
      const { value, done } = await steps.next();
      if (done) {
        return {
          status: findings.length === 0 ? 'holds' : 'broken',
          checked: looks / LOOKS,
          total: state.total,
          findings,
          hash: value.hash,
        };
      }
      if (findings.length < MAX_FINDINGS) findings.push(`${value.rule}: ${value.subject} (${value.detail})`);
      if (state.isLost) throw new VerifiedElsewhere('another worker has it by now');
    }
  });
}
