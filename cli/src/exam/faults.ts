import type { FaultKind } from './case.ts';
import type { CaseResult } from './run.ts';

/** What is wrong with the receiver: one fault can fail many cases. */
export interface Fault {
  /** Stable: of a known pattern of failures, of a kind of failure, or of the one case that shows it. */
  readonly id: string;
  /** A sentence about the receiver, without its subject. */
  readonly title: string;
  readonly mend: string;
  readonly cases: readonly string[];
}

interface Pattern {
  readonly id: string;
  readonly title: string;
  readonly mend: string;
  /** All of these failed. */
  readonly failed: readonly string[];
  /** This one passed. */
  readonly passed?: string;
  /** What it explains of all that failed. */
  readonly explains: (caseId: string, kind: FaultKind) => boolean;
}

const FORGERIES = ['signature.missing', 'signature.wrong-secret', 'signature.tampered-body'];

/** Roots that are known by the cases they fail; the first that fits explains a case. */
const PATTERNS: readonly Pattern[] = [
  {
    id: 'silent_refusal',
    title: 'answers 2xx to what it refuses',
    mend: 'Answer 401. A 2xx counts as delivered: when the secret is wrong one day, every event is lost unnoticed.',
    failed: FORGERIES,
    passed: 'effects.refused',
    explains: (_, kind) => kind === 'accepted',
  },
  {
    id: 'unverified',
    title: 'does not verify signatures, or does not say so in its answers',
    mend: 'Verify the HMAC of `t`, a dot and the raw body before anything else; answer 401 when no `v1` matches.',
    failed: FORGERIES,
    explains: (_, kind) => kind === 'accepted' || kind === 'effect_of_refused',
  },
  {
    id: 'reserialized_body',
    title: 'verifies a body that was parsed and printed again',
    mend: 'Verify the bytes as they came, before anything parses them.',
    failed: ['body.escapes', 'body.pretty'],
    explains: (caseId) => caseId.startsWith('body.'),
  },
  {
    id: 'partial_comparison',
    title: 'compares only as much of a signature as was sent',
    mend: 'Compare the whole: the lengths first, then `timingSafeEqual`.',
    failed: ['signature.truncated', 'signature.no-value'],
    explains: (caseId, kind) => caseId.startsWith('signature.') && kind === 'accepted',
  },
  {
    id: 'no_tolerance',
    title: 'ignores the time of the signature',
    mend: 'Refuse when the signed `t` is more than 300 seconds from now, in either direction.',
    failed: ['replay.stale', 'replay.future'],
    explains: (caseId, kind) =>
      kind === 'accepted' && (caseId.startsWith('replay.') || caseId === 'signature.time-not-a-number'),
  },
  {
    id: 'errors_on_repeats',
    title: 'answers an error to a delivery that it has already',
    mend: 'A delivery that is known has been taken care of: answer 2xx.',
    failed: ['duplicates.same', 'duplicates.retry'],
    explains: (caseId) => caseId.startsWith('duplicates.'),
  },
  {
    id: 'repeated_effects',
    title: 'handles a delivery again each time it comes',
    mend: 'Remember the `id` of each delivery in the transaction of its effect, and go on only when it was new.',
    failed: ['effects.once', 'effects.concurrent'],
    explains: (_, kind) => kind === 'effect_repeated',
  },
  {
    id: 'breaks_under_load',
    title: 'breaks when requests come at the same moment',
    mend: 'Look for what requests share without a lock or a transaction, and for pools that fail instead of waiting.',
    failed: ['duplicates.concurrent', 'limits.burst'],
    explains: (caseId) => caseId === 'duplicates.concurrent' || caseId === 'limits.burst',
  },
];

/** Kinds of failure that are the same fault whichever case shows them. */
const KINDS: { readonly [kind in FaultKind]?: Pick<Fault, 'title' | 'mend'> } = {
  unreachable: {
    title: 'stops listening',
    mend: 'See in its log why the process ended or closed its port.',
  },
  timeout: {
    title: 'does not answer in time',
    mend: 'Verify, store the delivery, answer 2xx; do the work afterwards, from what was stored.',
  },
  redirect: {
    title: 'answers with a redirect',
    mend: 'Register the URL that the redirect leads to; refuse with 401, not with a page to log in.',
  },
  error_on_refusal: {
    title: 'breaks on what it should refuse, with 5xx or a broken connection',
    mend: 'Answer 401 before anything can throw: on an absent header, parts that are missing, values of another length.',
  },
  effect_missing: {
    title: 'accepts a delivery that takes no effect',
    mend: 'Answer 2xx only once the delivery is stored, and count it once it has been worked off.',
  },
};

/** The faults behind the failed cases and warnings, in the order of the cases; each failed case is in one of them. */
export function faultsOf(results: readonly CaseResult[]): Fault[] {
  const failed = results.flatMap(({ examCase, finding }) => (finding ? [{ examCase, finding }] : []));
  const failedIds = new Set<string>(failed.map(({ examCase }) => examCase.id));
  const passedIds = new Set<string>(
    results.filter(({ finding, skipped }) => !finding && !skipped).map(({ examCase }) => examCase.id),
  );
  const patterns = PATTERNS.filter(
    ({ failed: ids, passed }) =>
      ids.every((id) => failedIds.has(id)) && (passed === undefined || passedIds.has(passed)),
  );
  const named = failed.map(({ examCase, finding: { kind } }) => {
    const { id, title, mend } = patterns.find(({ explains }) => explains(examCase.id, kind)) ??
      kindFault(kind) ?? { id: examCase.id, title: examCase.fault, mend: examCase.mend };
    return { id, title, mend, caseId: examCase.id };
  });
  return [...Map.groupBy(named, ({ id }) => id).values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { id, title, mend } = first;
    return [{ id, title, mend, cases: members.map(({ caseId }) => caseId) }];
  });
}

function kindFault(kind: FaultKind): Omit<Fault, 'cases'> | undefined {
  const fault = KINDS[kind];
  return fault && { id: kind, ...fault };
}
