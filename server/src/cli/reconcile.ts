import type { Context } from '../context.ts';
import { PLATFORM } from '../db/database.ts';
import { listProjectIds } from '../invariants/rules-store.ts';
import type { BreakRow, ChainToCompare, RunRow } from '../reconciliation/service.ts';
import { toBreak, toRun } from '../reconciliation/view.ts';

const PAGE_SIZE = 100;
/** Of one project; the API lists the rest. */
const MAX_LISTED_BREAKS = 1_000;
const EXIT_BREAKS_OPEN = 1;

interface ProjectResult {
  readonly projectId: string;
  /** Undefined while no block of the chain is settled. */
  readonly run: RunRow | undefined;
  readonly breaks: readonly BreakRow[];
}

/**
 * Compares the projects, by default all, and prints what differs. The exit code: 0 when nothing does, 1 when breaks are
 * open. Throws when the comparison cannot be made.
 */
export async function reconcile(
  context: Context,
  chain: ChainToCompare,
  options: { readonly json: boolean; readonly projectId: string | undefined },
): Promise<number> {
  const { db, reconciliation, clock } = context;
  const all = await db.tx(PLATFORM, listProjectIds);
  const results: ProjectResult[] = [];
  for (const projectId of options.projectId === undefined ? all : [options.projectId]) {
    const run = await reconciliation.run(projectId, { chain });
    results.push({ projectId, run, breaks: run ? await openBreaks(context, projectId) : [] });
  }
  const print = options.json ? printJson : printTable;
  process.stdout.write(print(results, clock.now()));
  return results.some(({ breaks }) => breaks.length > 0) ? EXIT_BREAKS_OPEN : 0;
}

async function openBreaks({ db, reconciliation }: Context, projectId: string): Promise<BreakRow[]> {
  const breaks: BreakRow[] = [];
  while (breaks.length < MAX_LISTED_BREAKS) {
    const last = breaks.at(-1);
    const page = { limit: PAGE_SIZE, direction: 'older' as const, ...(last && { from: last.break_id }) };
    const { rows, hasMore } = await db.tx(projectId, (tx) => reconciliation.listBreaks(tx, 'open', page));
    breaks.push(...rows);
    if (!hasMore) break;
  }
  return breaks;
}

const printJson = (results: readonly ProjectResult[], now: Date): string =>
  `${JSON.stringify(
    results.map(({ projectId, run, breaks }) => ({
      projectId,
      run: run ? toRun(run) : null,
      breaks: breaks.map((row) => toBreak(row, now)),
    })),
    null,
    2,
  )}\n`;

const COLUMNS = ['subject', 'ledger', 'chain', 'difference', 'cause', 'age', 'address'];

function printTable(results: readonly ProjectResult[], now: Date): string {
  const lines = results.flatMap(({ projectId, run, breaks }) => {
    if (!run) return [`${projectId}  no block of the chain is settled yet`];
    const { blockNumber, addresses, ledgerTotal, chainTotal, openBreaks: open } = toRun(run);
    const sums = `ledger ${ledgerTotal}, chain ${chainTotal} USDC`;
    const head = `${projectId}  block ${blockNumber}: ${addresses} addresses, ${sums}, ${open} open breaks`;
    if (breaks.length === 0) return [head];
    const rows = breaks.map((row) => toCells(row, now));
    return [head, ...align([COLUMNS, ...rows]), ...omitted(open - breaks.length)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

const omitted = (count: number): string[] => (count > 0 ? [`  and ${count} more`] : []);

function toCells(row: BreakRow, now: Date): string[] {
  const { subject, ledgerBalance, chainBalance, difference, cause, ageSeconds, address } = toBreak(row, now);
  const name = subject.type === 'treasury' ? `treasury ${subject.id}` : subject.id;
  return [name, ledgerBalance, chainBalance, difference, cause, formatAge(ageSeconds), address];
}

/** In the largest unit that it fills. */
function formatAge(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
