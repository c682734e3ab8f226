import type pg from 'pg';
import { must } from '../kernel/assert.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemRandom } from '../kernel/random.ts';
import type { Row, Tx } from './database.ts';

/** One node of what `explain (analyze, format json)` answers. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What a statement of a list cost, and what a list must not do. */
export interface ListPlan {
  readonly text: string;
  readonly rowsRead: number;
  readonly faults: readonly string[];
}

/** Of all branches of the widest filter, four pages of a hundred rows and one. */
const MAX_SORTED = 4 * 101;

/** Each statement of the work run as the server runs it, and its plan. */
export async function plansOf(
  client: pg.Client,
  projectId: string,
  work: (tx: Tx) => Promise<unknown>,
): Promise<readonly ListPlan[]> {
  const plans: ListPlan[] = [];
  await client.query(`begin; set local role oms_app; set local oms.project = '${projectId}'`);
  try {
    await work({
      scope: projectId,
      now: () => systemClock.now(),
      random: systemRandom,
      query: async <R extends Row>(text: string, values: readonly unknown[] = []) => {
        plans.push(await planOf(client, text, values));
        return (await client.query(text, [...values])).rows as R[];
      },
      goBy: () => undefined,
      afterCommit: () => undefined,
    });
  } finally {
    await client.query('rollback');
  }
  return plans;
}

/** In the transaction of the client, for these values. */
export async function planOf(client: pg.Client, text: string, values: readonly unknown[]): Promise<ListPlan> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `explain (analyze, format json) ${text}`,
    [...values],
  );
  const nodes = nodesOf(must(rows[0], 'a plan')['QUERY PLAN'][0].Plan);
  const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
  const rowsRead = scans.reduce((sum, node) => sum + rowsReadBy(node), 0);
  return { text, rowsRead, faults: nodes.flatMap(faultsOf) };
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

function rowsReadBy(node: PlanNode): number {
  const dropped = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return Math.ceil((node['Actual Rows'] + dropped) * node['Actual Loops']);
}

function faultsOf(node: PlanNode): string[] {
  const type = node['Node Type'];
  if (type === 'Seq Scan') return [`${type} of ${node['Relation Name']}`];
  if (type === 'Aggregate' || type === 'WindowAgg') return [type];
  const sorted = Math.max(0, ...(node.Plans ?? []).map((input) => input['Actual Rows']));
  return type.endsWith('Sort') && sorted > MAX_SORTED ? [`${type} of ${sorted} rows`] : [];
}
