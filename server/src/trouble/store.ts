import type { TroubleKind } from '@openoms/contract/sandbox-trouble.ts';
import { one, type Tx } from '../db/database.ts';

/** For `KnownProjects`. Those that had a rule lately may have another soon, and need not be made known anew. */
export const TROUBLED_PROJECTS = `select project_id from troubled_projects
  where quiet_since is null or quiet_since > now() - interval '10 minutes'`;
/** Less than that, so that a project that is taken for known is. */
export const KNOWN_WHILE_QUIET_MS = 300_000;

export interface RuleRow {
  rule_id: string;
  kind: TroubleKind;
  parameters: Readonly<Record<string, unknown>>;
  share_ppm: number;
  times: bigint | null;
  seed: bigint;
  asked: bigint;
  happened: bigint;
  ends_at: Date | null;
  created_at: Date;
}

const RULE = 'rule_id, kind, parameters, share_ppm, times, seed, asked, happened, ends_at, created_at';
/** `$2` is the time, which is real. */
const IS_ON = '(times is null or happened < times) and (ends_at is null or ends_at > $2)';

/** Puts the project on the list, where it stays if it gets a rule; answers since when it is there. */
export async function listProject(tx: Tx, now: Date, knownIfQuietSince: Date): Promise<Date> {
  const rows = await tx.query<{ since: Date }>(
    `insert into troubled_projects as listed (project_id, since, quiet_since) values ($1, $2, $2)
     on conflict (project_id) do update set
       since = case when listed.quiet_since < $3 then $2 else listed.since end,
       quiet_since = case when listed.quiet_since is not null then $2 end
     returning since`,
    [tx.scope, now, knownIfQuietSince],
  );
  return one(rows, 'the project on the list').since;
}

/** Notes whether the project has rules. Rules are made and deleted one commit after the other. */
export async function noteQuiet(tx: Tx, now: Date): Promise<void> {
  await tx.query(
    `update troubled_projects set quiet_since = case when exists (
       select from trouble_rules where project_id = $1) then null else $2::timestamptz end
     where project_id = $1`,
    [tx.scope, now],
  );
}

/** One commit at a time makes or deletes rules. */
export async function lockProject(tx: Tx): Promise<void> {
  await tx.query('select from troubled_projects where project_id = $1 for update', [tx.scope]);
}

export async function insertRule(
  tx: Tx,
  rule: Omit<RuleRow, 'asked' | 'happened' | 'times'> & { readonly times: number | null },
): Promise<RuleRow> {
  const rows = await tx.query<RuleRow>(
    `insert into trouble_rules (project_id, rule_id, kind, parameters, share_ppm, times, seed, ends_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${RULE}`,
    [
      tx.scope,
      rule.rule_id,
      rule.kind,
      rule.parameters,
      rule.share_ppm,
      rule.times,
      rule.seed,
      rule.ends_at,
      rule.created_at,
    ],
  );
  return one(rows, 'the new rule');
}

export function listRules(tx: Tx): Promise<RuleRow[]> {
  return tx.query<RuleRow>(`select ${RULE} from trouble_rules where project_id = $1 order by rule_id`, [
    tx.scope,
  ]);
}

export async function countRules(tx: Tx): Promise<bigint> {
  const rows = await tx.query<{ count: bigint }>('select count(*) from trouble_rules where project_id = $1', [
    tx.scope,
  ]);
  return one(rows, 'a count').count;
}

/** False when there is none. */
export async function deleteRule(tx: Tx, ruleId: string): Promise<boolean> {
  const rows = await tx.query(
    'delete from trouble_rules where project_id = $1 and rule_id = $2 returning rule_id',
    [tx.scope, ruleId],
  );
  return rows.length > 0;
}

export async function deleteRules(tx: Tx): Promise<void> {
  await tx.query('delete from trouble_rules where project_id = $1', [tx.scope]);
}

/** Kinds of the rules that are on. */
export async function listKindsOn(tx: Tx, now: Date): Promise<TroubleKind[]> {
  const rows = await tx.query<{ kind: TroubleKind }>(
    `select distinct kind from trouble_rules where project_id = $1 and ${IS_ON}`,
    [tx.scope, now],
  );
  return rows.map((row) => row.kind);
}

/** Rules of the kinds that are on, the first made first; nobody else counts on them until the commit. */
export function lockRulesOn(tx: Tx, now: Date, kinds: readonly TroubleKind[]): Promise<RuleRow[]> {
  return tx.query<RuleRow>(
    `select ${RULE} from trouble_rules where project_id = $1 and ${IS_ON} and kind = any ($3)
     order by rule_id for update`,
    [tx.scope, now, kinds],
  );
}

/** In the platform's scope: those for the chain whose time is not over, spent ones included. */
export function listChainRules(tx: Tx, now: Date): Promise<(RuleRow & { project_id: string })[]> {
  return tx.query(
    `select project_id, ${RULE} from trouble_rules
     where kind like 'chain.%' and (ends_at is null or ends_at > $1) order by rule_id`,
    [now],
  );
}

/** How often a rule was asked, and hit, since it was read. */
export interface RuleCount {
  readonly ruleId: string;
  readonly asked: number;
  readonly happened: number;
}

export async function count(tx: Tx, rules: readonly RuleCount[]): Promise<void> {
  const asked = rules.filter((rule) => rule.asked > 0);
  if (asked.length === 0) return;
  await tx.query(
    `update trouble_rules r set asked = r.asked + given.asked, happened = r.happened + given.happened
     from unnest($2::text[], $3::integer[], $4::integer[]) given (rule_id, asked, happened)
     where r.project_id = $1 and r.rule_id = given.rule_id`,
    [
      tx.scope,
      asked.map((rule) => rule.ruleId),
      asked.map((rule) => rule.asked),
      asked.map((rule) => rule.happened),
    ],
  );
}
