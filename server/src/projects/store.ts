import type { Mode } from '../auth/api-keys.ts';
import { one, type Tx } from '../db/database.ts';
import type { WorldRow } from '../db/project-clocks.ts';

export interface ProjectRow {
  project_id: string;
  name: string;
  mode: Mode;
}

/** The project and its data key. `origin`: which request makes it. */
export async function insertProject(
  tx: Tx,
  row: ProjectRow,
  { sealedKey, origin, now }: { sealedKey: Buffer; origin?: Buffer | undefined; now: Date },
): Promise<void> {
  await tx.query(
    'insert into projects (project_id, name, mode, origin, created_at) values ($1, $2, $3, $4, $5)',
    [row.project_id, row.name, row.mode, origin ?? null, now],
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
