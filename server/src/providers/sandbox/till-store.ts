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

/** The authorizations with their rows locked: each is committed once. */
export function lockAuthorizations(tx: Tx, confirmationIds: readonly string[]): Promise<AuthorizationRow[]> {
  return tx.query<AuthorizationRow>(
    `select ${COLUMNS} from sandbox_cash_authorizations
     where project_id = $1 and confirmation_id = any($2) order by confirmation_id for no key update`,
    [tx.scope, confirmationIds],
  );
}

export interface Commit {
  readonly originalConfirmationId: string;
  readonly amountMinor: bigint;
  readonly confirmationId: string;
}

export async function commitAuthorizations(tx: Tx, commits: readonly Commit[]): Promise<void> {
  await tx.query(
    `update sandbox_cash_authorizations set committed = made.amount, commit_confirmation_id = made.id
     from unnest($2::text[], $3::numeric[], $4::text[]) made(original_id, amount, id)
     where project_id = $1 and confirmation_id = made.original_id and committed is null`,
    [
      tx.scope,
      commits.map(({ originalConfirmationId }) => originalConfirmationId),
      commits.map(({ amountMinor }) => amountMinor.toString()),
      commits.map(({ confirmationId }) => confirmationId),
    ],
  );
}
