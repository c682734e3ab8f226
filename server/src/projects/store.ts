import type { Mode } from '../auth/api-keys.ts';
import { one, type Tx } from '../db/database.ts';
import type { WorldRow } from '../db/project-clocks.ts';

export interface ProjectRow {
  project_id: string;
  name: string;
  mode: Mode;
}

export interface ProjectOrigin {
  readonly sealedKey: Buffer;
  /** Which request makes it. */
  readonly origin?: Buffer | undefined;
  /** Default: the first one. */
  readonly organizationId?: string | undefined;
  readonly now: Date;
}

/** The project and its data key. */
export async function insertProject(
  tx: Tx,
  row: ProjectRow,
  { sealedKey, origin, organizationId, now }: ProjectOrigin,
): Promise<void> {
  await tx.query(
    `insert into projects (project_id, name, mode, origin, organization_id, created_at)
     values ($1, $2, $3, $4, coalesce($5, first_organization()), $6)`,
    [row.project_id, row.name, row.mode, origin ?? null, organizationId ?? null, now],
  );
  await tx.query('insert into data_keys (project_id, sealed_key, created_at) values ($1, $2, $3)', [
    row.project_id,
    sealedKey,
    now,
  ]);
}

/** The clock of a project from its start. */
export async function insertClock(tx: Tx, row: WorldRow): Promise<void> {
  await tx.query(
    `insert into project_clocks (project_id, stands_at, offset_ms, set_at, is_known, seed, address_space)
     values ($1, $2, $3, $4, true, $5, $6)`,
    [tx.scope, row.stands_at, row.offset_ms, row.set_at, row.seed, row.address_space],
  );
}

/** In the platform's scope: where the addresses of the seed are; `skipped`: that many places further on. */
export async function freeAddressSpace(tx: Tx, seed: string, skipped: number): Promise<number> {
  const rows = await tx.query<{ space: number }>('select free_address_space($1, $2) space', [seed, skipped]);
  return one(rows, 'an address space').space;
}

export interface MadeProjectRow {
  project_id: string;
  api_key: string;
}

/** In the platform's scope: the project that the request made, and its first key. */
export async function findByOrigin(tx: Tx, origin: Buffer): Promise<MadeProjectRow | undefined> {
  const [row] = await tx.query<MadeProjectRow>(
    `select project_id, api_key from projects join api_keys using (project_id)
     where origin = $1 order by api_keys.created_at, api_key limit 1`,
    [origin],
  );
  return row;
}

/** Every project, oldest first; in the platform's scope. */
export function listProjects(tx: Tx): Promise<ProjectRow[]> {
  return tx.query<ProjectRow>('select project_id, name, mode from projects order by created_at, project_id');
}

export async function findName(tx: Tx): Promise<string> {
  const rows = await tx.query<{ name: string }>('select name from projects where project_id = $1', [
    tx.scope,
  ]);
  return one(rows, 'project').name;
}

/** In the platform's scope. */
export async function findOrganization(tx: Tx, projectId: string): Promise<string> {
  const rows = await tx.query<{ organization_id: string }>(
    'select organization_id from projects where project_id = $1',
    [projectId],
  );
  return one(rows, 'a project').organization_id;
}

export interface OwnProjectRow extends ProjectRow {
  created_at: Date;
  counterpart_id: string | null;
}

/** How many are listed: tests make sandbox projects by the hundred. */
const MAX_OWN = 500;

/** In the scope of the organization: its projects, oldest first; or the one. */
export function listOwnProjects(tx: Tx, projectId?: string): Promise<OwnProjectRow[]> {
  return tx.query<OwnProjectRow>(
    `select p.project_id, p.name, p.mode, p.created_at, (
       select o.project_id from projects o
       where o.organization_id = p.organization_id and o.name = p.name and o.mode <> p.mode
       order by o.created_at, o.project_id limit 1) counterpart_id
     from projects p where p.organization_id = $1 and ($2::text is null or p.project_id = $2)
     order by p.created_at, p.project_id limit $3`,
    [tx.scope, projectId ?? null, MAX_OWN],
  );
}

/** Whether no other project of the organization and mode has the name; nobody else gives one until the commit. */
export async function claimName(
  tx: Tx,
  { organizationId, mode, name }: { organizationId: string; mode: Mode; name: string },
): Promise<boolean> {
  const rows = await tx.query<{ is_free: boolean }>('select claim_project_name($1, $2, $3) is_free', [
    organizationId,
    mode,
    name,
  ]);
  return one(rows, 'a name').is_free;
}

/** The project, and its counterpart; undefined: another project has the name. */
export async function renameProject(tx: Tx, name: string): Promise<OwnProjectRow | undefined> {
  const [row] = await tx.query<OwnProjectRow>(
    `select p.project_id, p.name, p.mode, p.created_at, renamed.counterpart_id
     from rename_project($2) renamed, projects p where p.project_id = $1`,
    [tx.scope, name],
  );
  return row && { ...row, name };
}
