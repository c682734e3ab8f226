import type { Tx } from '../../db/database.ts';

export interface ScenarioRow {
  resource_id: string;
  scenario: string;
}

/** Those of the resources that have one. */
export function findScenarios(tx: Tx, resourceIds: readonly string[]): Promise<ScenarioRow[]> {
  return tx.query<ScenarioRow>(
    `select resource_id, scenario from sandbox_scenarios where project_id = $1 and resource_id = any($2)`,
    [tx.scope, resourceIds],
  );
}

export async function insertScenarios(
  tx: Tx,
  scenario: string,
  resourceIds: readonly string[],
): Promise<void> {
  await tx.query(
    `insert into sandbox_scenarios (project_id, resource_id, scenario, created_at)
     select $1, id, $2, $3 from unnest($4::text[]) id`,
    [tx.scope, scenario, tx.now(), resourceIds],
  );
}
