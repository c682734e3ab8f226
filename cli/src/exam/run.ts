import { setTimeout as delay } from 'node:timers/promises';
import type { ExamCase, Finding } from './case.ts';
import { EffectsUnreadable, NotExamined, readEffects } from './effects.ts';
import { Kit, type KitOptions } from './kit.ts';

export interface CaseResult {
  readonly examCase: ExamCase;
  /** Of a failed case, which is a warning when the case is a `should`. */
  readonly finding?: Finding;
  /** Why it was not examined. */
  readonly skipped?: string;
  readonly durationMs: number;
}

/** The exam cannot be held; the message says why. */
export class NoExam extends Error {
  override readonly name = 'NoExam';
}

const RESTART_WAIT_MS = 3_000;
const RESTART_POLL_MS = 100;

/**
 * Holds the exam, one case after the other. Throws `NoExam` when nobody answers from the beginning, and the reason of
 * the signal.
 */
export async function runExam(cases: readonly ExamCase[], options: KitOptions): Promise<CaseResult[]> {
  await checkEffects(options);
  const results: CaseResult[] = [];
  let reason: string | undefined;
  for (const examCase of cases) {
    if (reason !== undefined) {
      results.push({ examCase, skipped: reason, durationMs: 0 });
      continue;
    }
    const result = await examine(examCase, options);
    if (results.length === 0 && result.finding?.kind === 'unreachable') {
      const [exchange] = result.finding.exchanges;
      throw new NoExam(`Nobody answers at ${options.url}: ${exchange?.problem?.message}`);
    }
    results.push(result);
    reason = await reasonToStop(result, options);
  }
  return results;
}

/** Throws `NoExam`. */
async function checkEffects({ wire, effectsUrl }: KitOptions): Promise<void> {
  if (!effectsUrl) return;
  try {
    await readEffects(wire, effectsUrl);
  } catch (error) {
    if (error instanceof EffectsUnreadable) throw new NoExam(error.message);
    throw error;
  }
}

async function examine(examCase: ExamCase, options: KitOptions): Promise<CaseResult> {
  const startedAt = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  try {
    const finding = await examCase.probe(new Kit(options, examCase.id));
    return { examCase, ...(finding && { finding }), durationMs: durationMs() };
  } catch (error) {
    const isSkipped = error instanceof NotExamined || error instanceof EffectsUnreadable;
    if (isSkipped) return { examCase, skipped: error.message, durationMs: durationMs() };
    throw error;
  }
}

async function reasonToStop(
  { examCase, finding, skipped }: CaseResult,
  options: KitOptions,
): Promise<string | undefined> {
  if (examCase.isGate && skipped !== undefined) return skipped;
  if (!finding) return undefined;
  if (examCase.isGate) return `${examCase.id} failed, and so would this`;
  const isSilent = finding.exchanges.some(({ answer }) => answer === undefined);
  return isSilent && !(await comesBack(options)) ? `nobody answers any more since ${examCase.id}` : undefined;
}

/** Whether a receiver that fell silent still listens, or is started again within three seconds. */
async function comesBack({ wire, url, signal }: KitOptions): Promise<boolean> {
  const deadline = performance.now() + RESTART_WAIT_MS;
  for (;;) {
    const { problem } = await wire({ method: 'GET', url, headers: {} });
    if (problem?.kind !== 'unreachable') return true;
    if (performance.now() > deadline) return false;
    await delay(RESTART_POLL_MS, undefined, { signal });
  }
}
