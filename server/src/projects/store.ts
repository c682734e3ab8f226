import type { Mode } from '../auth/api-keys.ts';
import { one, type Tx } from '../db/database.ts';

export interface ProjectRow {
  project_id: string;
  name: string;
  mode: Mode;
}

/** The project and its data key. */
export async function insertProject(tx: Tx, row: ProjectRow, sealedKey: Buffer, now: Date): Promise<void> {
  await tx.query('insert into projects (project_id, name, mode, created_at) values ($1, $2, $3, $4)', [
    row.project_id,
    row.name,
    row.mode,
    now,
  ]);
  await tx.query('insert into data_keys (project_id, sealed_key, created_at) values ($1, $2, $3)', [
    row.project_id,
    sealedKey,
    now,
  ]);
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
