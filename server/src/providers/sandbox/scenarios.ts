import type { Tx } from '../../db/database.ts';
import type { ScenarioKeeper } from '../../http/scenario.ts';
import { findScenarios, insertScenarios } from './scenario-store.ts';

/** What sandbox requests said in `OMS-Sandbox-Scenario` for what they made. */
export class Scenarios implements ScenarioKeeper {
  async keep(tx: Tx, resourceIds: readonly string[]): Promise<void> {
    if (tx.scenario === undefined || resourceIds.length === 0) return;
    await insertScenarios(tx, tx.scenario, resourceIds);
  }

  /** Names, by the first of the resources that has one. */
  async find(tx: Tx, resourceIds: readonly string[]): Promise<string | undefined> {
    const found = new Map(
      (await findScenarios(tx, resourceIds)).map(({ resource_id, scenario }) => [resource_id, scenario]),
    );
    return resourceIds.map((resourceId) => found.get(resourceId)).find((name) => name !== undefined);
  }
}
