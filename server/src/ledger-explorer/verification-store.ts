import type { Tx } from '../db/database.ts';
import type { VerificationStatus } from './states.ts';

export interface VerificationRow {
  verification_id: string;
  status: VerificationStatus;
  checked: bigint;
  total: bigint;
  findings: string[];
  hash: string | null;
  started_at: Date;
  ended_at: Date | null;
}

const COLUMNS = 'verification_id, status, checked, total, findings, hash, started_at, ended_at';

/** Undefined while another one runs. */
export async function insertVerification(
  tx: Tx,
  verificationId: string,
): Promise<VerificationRow | undefined> {
  const [row] = await tx.query<VerificationRow>(
    `insert into ledger_verifications (project_id, verification_id, status, started_at) values ($1, $2, 'running', $3)
     on conflict (project_id) where status = 'running' do nothing returning ${COLUMNS}`,
    [tx.scope, verificationId, tx.now()],
  );
  return row;
}

export async function findRunning(tx: Tx): Promise<VerificationRow | undefined> {
  const [row] = await tx.query<VerificationRow>(
    `select ${COLUMNS} from ledger_verifications where project_id = $1 and status = 'running'`,
    [tx.scope],
  );
  return row;
}

export async function findVerification(tx: Tx, verificationId: string): Promise<VerificationRow | undefined> {
  const [row] = await tx.query<VerificationRow>(
    `select ${COLUMNS} from ledger_verifications where project_id = $1 and verification_id = $2`,
    [tx.scope, verificationId],
  );
  return row;
}

export async function findLatest(tx: Tx): Promise<VerificationRow | undefined> {
  const [row] = await tx.query<VerificationRow>(
    `select ${COLUMNS} from ledger_verifications where project_id = $1 order by verification_id desc limit 1`,
    [tx.scope],
  );
  return row;
}

/** Takes the verification for a time, anew from its beginning, unless it is over or another worker has it. */
export async function claim(
  tx: Tx,
  verificationId: string,
  lease: { readonly token: string; readonly now: Date; readonly until: Date },
): Promise<'claimed' | 'over' | 'elsewhere'> {
  const rows = await tx.query(
    `update ledger_verifications set lease_token = $3, leased_until = $5, checked = 0, findings = '{}'
     where project_id = $1 and verification_id = $2 and status = 'running' and leased_until <= $4
     returning verification_id`,
    [tx.scope, verificationId, lease.token, lease.now, lease.until],
  );
  if (rows.length === 1) return 'claimed';
  const row = await findVerification(tx, verificationId);
  return row?.status === 'running' ? 'elsewhere' : 'over';
}

export const countTransfers = async (tx: Tx): Promise<bigint> => {
  const [row] = await tx.query<{ total: bigint | null }>(
    'select sum(transfers) total from ledger_batches where project_id = $1',
    [tx.scope],
  );
  return row?.total ?? 0n;
};

/** Says how far it is, and that it goes on; false when it is no longer this worker's. */
export async function noteProgress(
  tx: Tx,
  verificationId: string,
  progress: {
    readonly token: string;
    readonly until: Date;
    readonly checked: bigint;
    readonly total: bigint;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update ledger_verifications set leased_until = $4, checked = $5, total = $6
     where project_id = $1 and verification_id = $2 and lease_token = $3 and status = 'running'
     returning verification_id`,
    [tx.scope, verificationId, progress.token, progress.until, progress.checked, progress.total],
  );
  return rows.length === 1;
}

export interface VerificationEnd {
  readonly status: Exclude<VerificationStatus, 'running'>;
  readonly checked: bigint;
  readonly total: bigint;
  readonly findings: readonly string[];
  readonly hash: string | null;
}

/** `token`: of the worker that has it; without, whoever has it. */
export async function endVerification(
  tx: Tx,
  verificationId: string,
  { token, ...end }: VerificationEnd & { readonly token?: string },
): Promise<void> {
  await tx.query(
    `update ledger_verifications set status = $3, checked = $4, total = $5, findings = $6, hash = $7, ended_at = $8
     where project_id = $1 and verification_id = $2 and status = 'running' and lease_token = coalesce($9, lease_token)`,
    [
      tx.scope,
      verificationId,
      end.status,
      end.checked,
      end.total,
      end.findings,
      end.hash,
      tx.now(),
      token ?? null,
    ],
  );
}
