import type { ExamCase, FaultKind } from './case.ts';
import { type Fault, faultsOf } from './faults.ts';
import type { CaseResult } from './run.ts';
import type { Exchange } from './wire.ts';

export type Outcome = 'passed' | 'failed' | 'warning' | 'skipped';

/** One request and its answer, cut to what a reader needs. The secret is in none of it. */
interface ReportedExchange {
  readonly request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly bodyBytes: number;
  };
  /** Null when none came; `problem` says why. */
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  } | null;
  readonly problem: string | null;
  readonly durationMs: number;
}

interface ReportedCase {
  readonly id: string;
  readonly title: string;
  readonly severity: ExamCase['severity'];
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Why it was skipped. */
  readonly reason: string | null;
  /** What went wrong, when it failed or is a warning. */
  readonly failure: {
    readonly kind: FaultKind;
    /** Of `faults`. */
    readonly fault: string;
    readonly sent: string;
    readonly expected: string;
    readonly got: string;
    readonly why: string;
    readonly mend: string;
    readonly exchanges: readonly ReportedExchange[];
  } | null;
}

/** The report as JSON: fields may be added, those that are here stay (docs/check-webhook.md). */
export interface Report {
  readonly object: 'webhookExam';
  readonly version: 1;
  readonly url: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly seed: number;
  readonly timeoutMs: number;
  /** No case failed, and some were examined; there may be warnings. */
  readonly passed: boolean;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly faults: readonly Fault[];
  readonly cases: readonly ReportedCase[];
  /** What no exam can see without the receiver's help. */
  readonly notVisible: readonly string[];
}

export interface ExamRun {
  readonly url: URL;
  readonly effectsUrl: URL | undefined;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly results: readonly CaseResult[];
}

const MAX_BODY_LENGTH = 2_000;

const WITHOUT_EFFECTS = [
  'that a repeated delivery had no second effect (--effects-url shows it)',
  'that an older event did not overwrite a later state (--effects-url shows it)',
  'that what was refused had no effect (--effects-url shows it)',
];
const NEVER_VISIBLE = [
  'that what was answered with 2xx survives a crash right after the answer',
  'that signatures are compared in constant time',
];

export function reportOf({ effectsUrl, results, url, startedAt, ...run }: ExamRun): Report {
  const faults = faultsOf(results);
  const cases = results.map((result) => reportedCase(result, faults));
  const counts = { passed: 0, failed: 0, warning: 0, skipped: 0 };
  for (const { outcome } of cases) counts[outcome] += 1;
  return {
    object: 'webhookExam',
    version: 1,
    url: url.href,
    startedAt: startedAt.toISOString(),
    durationMs: run.durationMs,
    seed: run.seed,
    timeoutMs: run.timeoutMs,
    passed: counts.failed === 0 && counts.passed + counts.warning > 0,
    counts,
    faults,
    cases,
    notVisible: [...(effectsUrl ? [] : WITHOUT_EFFECTS), ...NEVER_VISIBLE],
  };
}

function outcomeOf({ examCase, finding, skipped }: CaseResult): Outcome {
  if (skipped !== undefined) return 'skipped';
  if (!finding) return 'passed';
  return examCase.severity === 'must' ? 'failed' : 'warning';
}

function reportedCase(result: CaseResult, faults: readonly Fault[]): ReportedCase {
  const { examCase, finding, skipped, durationMs } = result;
  const { id, title, severity, sent, expected, why, mend } = examCase;
  return {
    id,
    title,
    severity,
    outcome: outcomeOf(result),
    durationMs,
    reason: skipped ?? null,
    failure: finding
      ? {
          kind: finding.kind,
          fault: faults.find(({ cases }) => cases.includes(id))?.id ?? id,
          sent,
          expected,
          got: finding.got,
          why,
          mend,
          exchanges: finding.exchanges.map(reportedExchange),
        }
      : null,
  };
}

function reportedExchange({ sent, answer, problem, durationMs }: Exchange): ReportedExchange {
  const body = sent.body?.toString() ?? '';
  return {
    request: {
      method: sent.method,
      headers: sent.headers,
      body: body.slice(0, MAX_BODY_LENGTH),
      bodyBytes: sent.body?.byteLength ?? 0,
    },
    answer: answer
      ? { status: answer.status, headers: answer.headers, body: answer.text.slice(0, MAX_BODY_LENGTH) }
      : null,
    problem: problem?.message ?? null,
    durationMs,
  };
}
