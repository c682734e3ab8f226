import { ConfigError } from '../config.ts';
import type { Context } from '../context.ts';
import { PLATFORM } from '../db/database.ts';
import { type ProjectFinding, reportInvariants } from '../invariants/check.ts';
import { listProjectIds } from '../invariants/rules-store.ts';
import { formatMinor } from '../kernel/money.ts';
import { type AccountRef, accountId, parseAccountId } from '../ledger/chart.ts';
import { balanceAt, type Entry, isCursor, listEntries } from '../ledger/history.ts';
import { type ChainSummary, checkChain } from '../ledger/journal-chain.ts';
import type { Balance } from '../ledger/transfers.ts';
import type { ChainToCompare } from '../reconciliation/service.ts';

const EXIT_BROKEN = 1;
const MAX_ENTRIES = 1_000;
/** Digits of a chain's position, and its hash in hex, as `verify` prints them. */
const NOTED_HEAD = /^(\d{1,18}):([0-9a-f]{64})$/;

export interface LedgerOptions {
  readonly project?: string | undefined;
  readonly account?: string | undefined;
  readonly at?: string | undefined;
  readonly limit?: string | undefined;
  readonly after?: string | undefined;
  readonly expect?: string | undefined;
  readonly json: boolean;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Recomputes every invariant and prints what is broken as it is found. Exit code 1 when anything is. */
export async function checkAll({ db }: Context, chain: ChainToCompare | undefined): Promise<number> {
  let findings = 0;
  await reportInvariants(db, chain, (finding) => {
    findings += 1;
    print(toLine(finding));
  });
  print(findings === 0 ? 'All invariants hold.' : `${findings} findings.`);
  return findings === 0 ? 0 : EXIT_BROKEN;
}

const toLine = ({ projectId, rule, subject, detail }: ProjectFinding): string =>
  `BROKEN  ${projectId}  ${rule}: ${subject} (${detail})`;

/**
 * Recomputes the hash chain of the projects, by default all, and prints its heads. Exit code 1 when a chain is broken,
 * or lacks the link that `expect` names: a head that was printed before and kept elsewhere.
 */
export async function verifyChains({ db }: Context, options: LedgerOptions): Promise<number> {
  const noted = options.expect === undefined ? undefined : NOTED_HEAD.exec(options.expect);
  if (noted === null) throw new ConfigError('Say what to expect as <position>:<hash>, as verify prints it.');
  if (noted && options.project === undefined) throw new ConfigError('Say of which project: --project <id>.');
  const projects =
    options.project === undefined
      ? await db.tx(PLATFORM, listProjectIds)
      : [await projectOf({ db }, options)];
  const results: object[] = [];
  let isBroken = false;
  for (const projectId of projects) {
    const { summary, findings } = await verifyChain(
      { db },
      projectId,
      noted ? BigInt(noted[1] ?? 0) : undefined,
    );
    const isExpected = noted === undefined || summary.hashAt === noted[2];
    isBroken ||= findings.length > 0 || !isExpected;
    const { position, hash, transfers, unchained } = summary;
    results.push({ projectId, position: Number(position), hash, transfers, unchained, findings, isExpected });
    if (options.json) continue;
    for (const finding of findings) print(toLine(finding));
    if (!isExpected) print(`BROKEN  ${projectId}  the chain has another link at ${noted?.[1]}, or none`);
    print(
      `${projectId}  ${position}:${hash}  ${transfers} transfers, ${unchained} batches not yet in the chain`,
    );
  }
  if (options.json) print(JSON.stringify(results, null, 2));
  return isBroken ? EXIT_BROKEN : 0;
}

function verifyChain(
  { db }: Pick<Context, 'db'>,
  projectId: string,
  at: bigint | undefined,
): Promise<{ summary: ChainSummary; findings: ProjectFinding[] }> {
  return db.snapshot(projectId, async (tx) => {
    const findings: ProjectFinding[] = [];
    const steps = checkChain(tx, { at });
    for (;;) {
      const { value, done } = await steps.next();
      if (done) return { summary: value, findings };
      findings.push({ ...value, projectId });
    }
  });
}

/** What an account holds, or held at an instant. */
export async function showBalance(context: Context, options: LedgerOptions): Promise<number> {
  const { db, clock } = context;
  const account = accountOf(options);
  const at = options.at === undefined ? clock.now() : new Date(options.at);
  if (Number.isNaN(at.getTime())) throw new ConfigError('--at takes a time such as 2026-03-01T12:00:00Z.');
  const balance = await db.tx(await projectOf(context, options), (tx) => balanceAt(tx, account, at));
  const shown = { account: accountId(account), at: at.toISOString(), ...toWire(balance, account) };
  if (options.json) print(JSON.stringify(shown, null, 2));
  else
    print(`posted ${shown.posted}  available ${shown.available}  incoming ${shown.incoming}  at ${shown.at}`);
  return 0;
}

/** Entries of an account, the newest first, each with the balance it led to. */
export async function showHistory(context: Context, options: LedgerOptions): Promise<number> {
  const account = accountOf(options);
  const limit = Number(options.limit ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ENTRIES) {
    throw new ConfigError(`--limit takes a number from 1 to ${MAX_ENTRIES}.`);
  }
  if (options.after !== undefined && !isCursor(options.after))
    throw new ConfigError('--after takes a cursor.');
  const page = { limit, ...(options.after !== undefined && { after: options.after }) };
  const entries = await context.db.tx(await projectOf(context, options), (tx) =>
    listEntries(tx, account, page),
  );
  if (options.json)
    print(
      JSON.stringify(
        entries.map((entry) => toWireEntry(entry, account)),
        null,
        2,
      ),
    );
  else for (const entry of entries) print(toEntryLine(entry, account));
  return 0;
}

function toEntryLine(entry: Entry, account: AccountRef): string {
  const { createdAt, side, kind, amount, posted, available, counterpart, group } = toWireEntry(
    entry,
    account,
  );
  const movement = `${side} ${amount} ${kind}`.padEnd(34);
  return `${createdAt}  ${movement}  posted ${posted}  available ${available}  ${counterpart}  ${group}`;
}

const toWireEntry = (entry: Entry, account: AccountRef) => ({
  createdAt: entry.createdAt.toISOString(),
  side: entry.side,
  kind: entry.kind,
  amount: formatMinor(entry.minor, account.asset),
  ...toWire(entry.balance, account),
  counterpart: entry.counterpartId,
  group: `${entry.groupId} ${entry.position}`,
  hold: entry.holdId ?? null,
  expiresAt: entry.expiresAt?.toISOString() ?? null,
  cursor: entry.cursor,
});

const toWire = ({ postedMinor, availableMinor, incomingMinor }: Balance, { asset }: AccountRef) => ({
  posted: formatMinor(postedMinor, asset),
  available: formatMinor(availableMinor, asset),
  incoming: formatMinor(incomingMinor, asset),
});

function accountOf({ account }: LedgerOptions): AccountRef {
  const ref = account === undefined ? undefined : parseAccountId(account);
  if (!ref)
    throw new ConfigError('Say which account: --account customer_wallet:<wallet id>:usdc, for instance.');
  return ref;
}

/** The project that was named, or the only one there is. */
async function projectOf({ db }: Pick<Context, 'db'>, { project }: LedgerOptions): Promise<string> {
  const all = await db.tx(PLATFORM, listProjectIds);
  const [only] = all;
  if (project === undefined && all.length === 1 && only !== undefined) return only;
  if (project === undefined) throw new ConfigError('Say of which project: --project <id>.');
  if (!all.includes(project)) throw new ConfigError(`There is no project ${project}.`);
  return project;
}
