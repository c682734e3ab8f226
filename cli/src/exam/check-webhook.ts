import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { webhooks } from '@openoms/sdk';
import { type Command, type CommandIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from '../command.ts';
import type { ExamCase } from './case.ts';
import { CASES } from './cases.ts';
import { type ExamRun, reportOf } from './report.ts';
import { NoExam, runExam } from './run.ts';
import { toCatalogue, toText } from './text.ts';
import { openWire } from './wire.ts';

/** As long as OpenOMS waits for an answer. */
const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_TIMEOUT_MS = 60_000;
const MAX_SEED = 2 ** 31;

const USAGE = `Usage: openoms check-webhook URL [--secret whsec_…]

Sends a receiver of webhooks genuine and forged deliveries, early, late, twice and in crowds, and says what it does
wrong and how to mend it. Point it at a test instance: the events are made up, and a good receiver stores them.

  --secret whsec_…     the secret that the receiver verifies with; else OMS_WEBHOOK_SECRET is taken
  --effects-url URL    where the receiver shows its effects, to prove that repeats and old events have none
  --only ID,…          these cases or groups only, such as body,signature.missing
  --timeout-ms N       how long to wait for each answer (${DEFAULT_TIMEOUT_MS})
  --seed N             decides the ids, so that a run can be repeated
  --json               the report as JSON
  --list               every case: what is sent, what is expected and why

Exit codes: 0 passed, 1 failed, 2 the exam could not be held.`;

const OPTIONS = {
  secret: { type: 'string' },
  'effects-url': { type: 'string' },
  only: { type: 'string' },
  'timeout-ms': { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const checkWebhook: Command = {
  name: 'check-webhook',
  summary: 'examine a receiver of webhooks',
  run: async (args, io) => {
    const { values, positionals } = parse(args);
    if (values.help) return said(io, USAGE);
    const cases = chosen(values.only);
    if (values.list) return said(io, toCatalogue(cases));
    const exam = {
      url: urlOf('URL', positionals),
      effectsUrl:
        values['effects-url'] === undefined ? undefined : urlOf('--effects-url', [values['effects-url']]),
      secret: await checkedSecret(values.secret ?? io.env.OMS_WEBHOOK_SECRET),
      timeoutMs: wholeNumber('--timeout-ms', values['timeout-ms'], MAX_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS,
      seed: wholeNumber('--seed', values.seed, MAX_SEED) ?? randomInt(1, MAX_SEED),
    };
    return hold(exam, cases, values.json, io);
  },
};

interface Exam extends Pick<ExamRun, 'url' | 'effectsUrl' | 'timeoutMs' | 'seed'> {
  readonly secret: string;
}

async function hold(exam: Exam, cases: readonly ExamCase[], isJson: boolean, io: CommandIo): Promise<number> {
  const { secret, ...shown } = exam;
  const startedAt = new Date();
  const began = performance.now();
  try {
    const wire = openWire(exam.timeoutMs, io.signal);
    const results = await runExam(cases, { ...exam, wire, now: () => new Date(), signal: io.signal });
    const durationMs = Math.round(performance.now() - began);
    const report = reportOf({ ...shown, startedAt, durationMs, results });
    io.out(isJson ? JSON.stringify(report, null, 2) : toText(report, hasColours(io)));
    return report.passed ? EXIT_OK : EXIT_FAILED;
  } catch (error) {
    if (io.signal.aborted) return unfinished(io, 'Interrupted: the exam was not finished.');
    if (error instanceof NoExam) return unfinished(io, error.message);
    throw error;
  }
}

const hasColours = ({ isTerminal, env }: CommandIo): boolean => isTerminal === true && !env.NO_COLOR;

function said(io: CommandIo, text: string): number {
  io.out(text);
  return EXIT_OK;
}

function unfinished(io: CommandIo, message: string): number {
  io.err(message);
  return EXIT_USAGE;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function urlOf(name: string, given: readonly string[]): URL {
  const [text] = given;
  if (text === undefined || given.length > 1) throw new UsageError(`One ${name} is needed.\n\n${USAGE}`);
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`${name}: ${text} is no http or https URL.`);
  return url;
}

/** Told apart now, or every case would fail for the same reason. */
async function checkedSecret(secret: string | undefined): Promise<string> {
  if (!secret) {
    throw new UsageError(
      'No secret: give --secret whsec_…, or set OMS_WEBHOOK_SECRET, as the receiver has it.',
    );
  }
  if (!secret.startsWith('whsec_')) throw new UsageError('The secret does not begin with whsec_.');
  try {
    await webhooks.signedHeaders({ id: 'whd_0', payload: '', secret, timestamp: new Date(0) });
  } catch {
    throw new UsageError('The secret is not whsec_ and 64 hex characters, nor any other that could sign.');
  }
  return secret;
}

function wholeNumber(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new UsageError(`${name} is a whole number from 1 to ${max}.`);
  return value;
}

/** The cases named, by id or group, in the order of the exam; all when none is. */
function chosen(only: string | undefined): readonly ExamCase[] {
  if (only === undefined) return CASES;
  const names = only.split(',').map((name) => name.trim());
  const isNamed = (id: string, name: string): boolean => id === name || id.startsWith(`${name}.`);
  const unknown = names.filter((name) => !CASES.some(({ id }) => isNamed(id, name)));
  if (unknown.length > 0) throw new UsageError(`No case ${unknown.join(', ')}: --list shows them.`);
  return CASES.filter(({ id }) => names.some((name) => isNamed(id, name)));
}
