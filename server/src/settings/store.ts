import type { SettingsChange } from '@openoms/contract/settings.ts';
import { one, type Tx } from '../db/database.ts';

export interface SettingsRow {
  mode: 'sandbox' | 'live';
  /** What the project changed, without nulls; absent while it changed nothing. */
  changed: SettingsChange | null;
}

export async function getSettings(tx: Tx): Promise<SettingsRow> {
  return one(
    await tx.query<SettingsRow>(
      `select p.mode, s.changed from projects p left join project_settings s on s.project_id = p.project_id
       where p.project_id = $1`,
      [tx.scope],
    ),
    'project',
  );
}

/** What the project changed so far, locked until the end of the transaction. */
export async function lockChanged(tx: Tx, now: Date): Promise<SettingsChange> {
  const row = one(
    await tx.query<{ changed: SettingsChange }>(
      `insert into project_settings (project_id, changed, updated_at) values ($1, '{}', $2)
       on conflict (project_id) do update set updated_at = $2 returning changed`,
      [tx.scope, now],
    ),
    'settings',
  );
  return row.changed;
}

export async function updateChanged(tx: Tx, changed: SettingsChange): Promise<void> {
  await tx.query('update project_settings set changed = $2 where project_id = $1', [
    tx.scope,
    JSON.stringify(changed),
  ]);
}
