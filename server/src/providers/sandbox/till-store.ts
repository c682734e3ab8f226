import type { Tx } from '../../db/database.ts';

export interface AuthorizationRow {
  confirmation_id: string;
  cash_in_id: string;
  account_number: string;
  account_reference_number: string;
  authorized: bigint;
  committed: bigint | null;
  commit_confirmation_id: string | null;
  created_at: Date;
}

const COLUMNS = `confirmation_id, cash_in_id, account_number, account_reference_number, authorized, committed,
  commit_confirmation_id, created_at`;

export async function insertAuthorization(
  tx: Tx,
  row: Omit<AuthorizationRow, 'committed' | 'commit_confirmation_id'>,
): Promise<void> {
  await tx.query(
    `insert into sandbox_cash_authorizations (project_id, confirmation_id, cash_in_id, account_number,
       account_reference_number, authorized, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.scope,
      row.confirmation_id,
      row.cash_in_id,
      row.account_number,
      row.account_reference_number,
      row.authorized,
      row.created_at,
    ],
  );
}

/** The authorization with its row locked: it is committed once. */
export async function lockAuthorization(
  tx: Tx,
  confirmationId: string,
): Promise<AuthorizationRow | undefined> {
  const [row] = await tx.query<AuthorizationRow>(
    `select ${COLUMNS} from sandbox_cash_authorizations
     where project_id = $1 and confirmation_id = $2 for no key update`,
    [tx.scope, confirmationId],
  );
  return row;
}

export async function commitAuthorization(
  tx: Tx,
  confirmationId: string,
  committedMinor: bigint,
  commitConfirmationId: string,
): Promise<void> {
  await tx.query(
    `update sandbox_cash_authorizations set committed = $3, commit_confirmation_id = $4
     where project_id = $1 and confirmation_id = $2 and committed is null`,
    [tx.scope, confirmationId, committedMinor, commitConfirmationId],
  );
}
