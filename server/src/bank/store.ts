import { type Tx, toJsonRows } from '../db/database.ts';
import { inOrderOf } from '../db/rows.ts';
import type { BankRailName, CreditRailName } from './provider.ts';

export type PayoutStatus = 'queued' | 'submitted' | 'settled' | 'returned' | 'failed';
export type CreditStatus = 'received' | 'returning' | 'returned';

export interface PayoutRow {
  payout_id: string;
  status: PayoutStatus;
  rail: BankRailName;
  amount: bigint;
  external_account_id: string;
  purpose: string;
  resource_id: string;
  provider: string | null;
  reference: string | null;
  effective_at: Date | null;
  return_code: string | null;
  reject_code: string | null;
  reason: string | null;
  created_at: Date;
  updated_at: Date;
  submitted_at: Date | null;
  settled_at: Date | null;
}

const PAYOUT = `payout_id, status, rail, amount, external_account_id, purpose, resource_id, provider, reference,
  effective_at, return_code, reject_code, reason, created_at, updated_at, submitted_at, settled_at`;

export type NewPayout = Pick<
  PayoutRow,
  'payout_id' | 'rail' | 'amount' | 'external_account_id' | 'purpose' | 'resource_id'
>;

export async function insertPayouts(tx: Tx, payouts: readonly NewPayout[], now: Date): Promise<void> {
  await tx.query(
    `insert into bank_payouts (project_id, status, created_at, updated_at, payout_id, rail, amount,
       external_account_id, purpose, resource_id)
     select $1, 'queued', $2, $2, payout_id, rail, amount, external_account_id, purpose, resource_id
     from jsonb_to_recordset($3::jsonb) as new (payout_id text, rail text, amount numeric, external_account_id text,
       purpose text, resource_id text)`,
    [tx.scope, now, toJsonRows(payouts)],
  );
}

export async function findPayout(tx: Tx, payoutId: string): Promise<PayoutRow | undefined> {
  const [row] = await tx.query<PayoutRow>(
    `select ${PAYOUT} from bank_payouts where project_id = $1 and payout_id = $2`,
    [tx.scope, payoutId],
  );
  return row;
}

/** The latest one, where one was ordered again. */
export async function findPayoutOf(
  tx: Tx,
  purpose: string,
  resourceId: string,
): Promise<PayoutRow | undefined> {
  const [row] = await tx.query<PayoutRow>(
    `select ${PAYOUT} from bank_payouts where project_id = $1 and purpose = $2 and resource_id = $3
     order by payout_id desc limit 1`,
    [tx.scope, purpose, resourceId],
  );
  return row;
}

/** Locked in sorted order; unknown ones are left out. */
export function lockPayouts(tx: Tx, payoutIds: readonly string[]): Promise<PayoutRow[]> {
  return tx.query<PayoutRow>(
    `select ${PAYOUT} from bank_payouts where project_id = $1 and payout_id = any($2)
     order by payout_id for no key update`,
    [tx.scope, payoutIds],
  );
}

export interface PayoutChange {
  readonly payoutId: string;
  readonly submission?: {
    readonly provider: string;
    readonly reference: string;
    readonly effectiveAt: Date | null;
  };
  readonly returnCode?: string;
  readonly rejectCode?: string;
  readonly reason?: string;
}

/** Moves those that are in `from`, and answers them in the order of the changes. Only states.ts calls this. */
export async function updatePayouts(
  tx: Tx,
  from: PayoutStatus,
  to: PayoutStatus,
  changes: readonly PayoutChange[],
  now: Date,
): Promise<PayoutRow[]> {
  const rows = await tx.query<PayoutRow>(
    `update bank_payouts set status = $3, updated_at = $4, provider = coalesce(provider, by_provider),
       reference = coalesce(reference, its_reference), effective_at = coalesce(effective_at, expected_at),
       return_code = returned_with, reject_code = rejected_with, reason = because,
       submitted_at = case $3 when 'submitted' then $4::timestamptz else submitted_at end,
       settled_at = case $3 when 'settled' then $4::timestamptz else settled_at end
     from jsonb_to_recordset($5::jsonb) as new (id text, by_provider text, its_reference text,
       expected_at timestamptz, returned_with text, rejected_with text, because text)
     where project_id = $1 and payout_id = new.id and status = $2 returning ${PAYOUT}`,
    [
      tx.scope,
      from,
      to,
      now,
      toJsonRows(
        changes.map(({ payoutId, submission, returnCode, rejectCode, reason }) => ({
          id: payoutId,
          by_provider: submission?.provider,
          its_reference: submission?.reference,
          expected_at: submission?.effectiveAt,
          returned_with: returnCode,
          rejected_with: rejectCode,
          because: reason,
        })),
      ),
    ],
  );
  return inOrderOf(
    changes.map(({ payoutId }) => payoutId),
    rows,
    'payout_id',
  );
}

export interface CreditRow {
  credit_id: string;
  status: CreditStatus;
  provider: string;
  provider_event_id: string;
  rail: CreditRailName;
  amount: bigint;
  reference: string;
  return_code: string | null;
  reason: string | null;
  created_at: Date;
  updated_at: Date;
}

const CREDIT = `credit_id, status, provider, provider_event_id, rail, amount, reference, return_code, reason,
  created_at, updated_at`;

export type NewCredit = Pick<
  CreditRow,
  'credit_id' | 'provider' | 'provider_event_id' | 'rail' | 'amount' | 'reference'
>;

/** In the order given. */
export async function insertCredits(tx: Tx, credits: readonly NewCredit[], now: Date): Promise<CreditRow[]> {
  const rows = await tx.query<CreditRow>(
    `insert into bank_credits (project_id, status, created_at, updated_at, credit_id, provider, provider_event_id,
       rail, amount, reference)
     select $1, 'received', $2, $2, credit_id, provider, provider_event_id, rail, amount, reference
     from jsonb_to_recordset($3::jsonb) as new (credit_id text, provider text, provider_event_id text, rail text,
       amount numeric, reference text)
     returning ${CREDIT}`,
    [tx.scope, now, toJsonRows(credits)],
  );
  return inOrderOf(
    credits.map((credit) => credit.credit_id),
    rows,
    'credit_id',
  );
}

export async function findCredit(tx: Tx, creditId: string): Promise<CreditRow | undefined> {
  const [row] = await tx.query<CreditRow>(
    `select ${CREDIT} from bank_credits where project_id = $1 and credit_id = $2`,
    [tx.scope, creditId],
  );
  return row;
}

/** Locked in sorted order; unknown ones are left out. */
export function lockCredits(tx: Tx, creditIds: readonly string[]): Promise<CreditRow[]> {
  return tx.query<CreditRow>(
    `select ${CREDIT} from bank_credits where project_id = $1 and credit_id = any($2)
     order by credit_id for no key update`,
    [tx.scope, creditIds],
  );
}

export interface CreditChange {
  readonly creditId: string;
  readonly returned?: { readonly code: string; readonly text: string };
}

/** Moves those that are in `from`, and answers them in the order of the changes. Only states.ts calls this. */
export async function updateCredits(
  tx: Tx,
  from: CreditStatus,
  to: CreditStatus,
  changes: readonly CreditChange[],
  now: Date,
): Promise<CreditRow[]> {
  const rows = await tx.query<CreditRow>(
    `update bank_credits set status = $3, updated_at = $4, return_code = coalesce(new.code, return_code),
       reason = coalesce(new.text, reason)
     from unnest($5::text[], $6::text[], $7::text[]) as new (id, code, text)
     where project_id = $1 and credit_id = new.id and status = $2 returning ${CREDIT}`,
    [
      tx.scope,
      from,
      to,
      now,
      changes.map(({ creditId }) => creditId),
      changes.map(({ returned }) => returned?.code ?? null),
      changes.map(({ returned }) => returned?.text ?? null),
    ],
  );
  return inOrderOf(
    changes.map(({ creditId }) => creditId),
    rows,
    'credit_id',
  );
}

export interface NewContradiction {
  readonly provider: string;
  readonly provider_event_id: string;
  readonly kind: string;
  readonly subject_id: string;
  /** The status it met; `unknown` when there is no such payout or credit. */
  readonly found: string;
}

export async function insertContradictions(
  tx: Tx,
  contradictions: readonly NewContradiction[],
  now: Date,
): Promise<void> {
  await tx.query(
    `insert into bank_contradictions (project_id, created_at, provider, provider_event_id, kind, subject_id, found)
     select $1, $2, provider, provider_event_id, kind, subject_id, found
     from jsonb_to_recordset($3::jsonb) as new (provider text, provider_event_id text, kind text, subject_id text,
       found text)`,
    [tx.scope, now, toJsonRows(contradictions)],
  );
}
