import type { FaultKind, Finding } from './case.ts';
import type { Answer, Exchange } from './wire.ts';

const QUOTED_LENGTH = 160;

const isBetween = (status: number, low: number): boolean => status >= low && status < low + 100;

/** The first that was not answered with 2xx, as a finding. */
export function expectAccepted(exchanges: readonly Exchange[]): Finding | undefined {
  return firstFinding(exchanges, (status) => {
    if (isBetween(status, 200)) return undefined;
    if (isBetween(status, 300)) return 'redirect';
    return isBetween(status, 400) ? 'refused' : 'error';
  });
}

/** The first that was not answered with 4xx, as a finding. Breaking off counts as 5xx: both come of a crash. */
export function expectRefused(exchanges: readonly Exchange[]): Finding | undefined {
  const finding = firstFinding(exchanges, (status) => {
    if (isBetween(status, 400)) return undefined;
    if (isBetween(status, 200)) return 'accepted';
    return isBetween(status, 300) ? 'redirect' : 'error_on_refusal';
  });
  return finding?.kind === 'no_answer' ? { ...finding, kind: 'error_on_refusal' } : finding;
}

/** The first that got no answer, or 5xx. */
export function expectNoError(exchanges: readonly Exchange[]): Finding | undefined {
  return firstFinding(exchanges, (status) => (isBetween(status, 500) ? 'error' : undefined));
}

function firstFinding(
  exchanges: readonly Exchange[],
  judge: (status: number) => FaultKind | undefined,
): Finding | undefined {
  for (const exchange of exchanges) {
    const kind = exchange.answer ? judge(exchange.answer.status) : silenceOf(exchange);
    if (kind) return findingOf(kind, exchange, exchanges.length);
  }
  return undefined;
}

function silenceOf({ problem }: Exchange): FaultKind {
  if (problem?.kind === 'unreachable') return 'unreachable';
  return problem?.kind === 'timeout' ? 'timeout' : 'no_answer';
}

function findingOf(kind: FaultKind, exchange: Exchange, count: number): Finding {
  const which = count > 1 ? `to ${eventOf(exchange)}: ` : '';
  return { kind, got: `${which}${describe(exchange)}`, exchanges: [exchange] };
}

/** The name in its body, which may be tampered with. */
const eventOf = ({ sent }: Exchange): string =>
  /"event":\s*"([^"]{1,100})"/.exec(sent.body?.toString() ?? '')?.[1] ?? 'a request';

/** What came back, on one line. */
export function describe({ answer, problem, durationMs }: Exchange): string {
  const after = `after ${durationMs} ms`;
  if (!answer) return `no answer: ${problem?.message} (${after})`;
  const location = answer.headers.location === undefined ? '' : ` to ${answer.headers.location}`;
  return `${answer.status}${location} ${after}${quoted(answer)}`;
}

function quoted({ text }: Answer): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return line.length > QUOTED_LENGTH ? `: ${line.slice(0, QUOTED_LENGTH)}…` : `: ${line}`;
}
