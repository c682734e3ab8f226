import type { Kit } from './kit.ts';
import type { Exchange } from './wire.ts';

/** What kind of failure it is: stable, for machines. */
export type FaultKind =
  /** Nothing listens any more. */
  | 'unreachable'
  /** The connection broke before an answer. */
  | 'no_answer'
  | 'timeout'
  | 'redirect'
  /** 4xx to what should be accepted. */
  | 'refused'
  /** 5xx to what should be accepted. */
  | 'error'
  /** 2xx to what should be refused. */
  | 'accepted'
  /** 5xx to what should be refused, or no answer at all. */
  | 'error_on_refusal'
  | 'slow'
  | 'large_answer'
  | 'effect_missing'
  | 'effect_repeated'
  /** Taken for a repeat, though it was none. */
  | 'effect_swallowed'
  | 'effect_of_refused'
  | 'state_overwritten';

/** Why a case failed. */
export interface Finding {
  readonly kind: FaultKind;
  /** What came back, for a reader. */
  readonly got: string;
  /** Those that show it, at most a few. */
  readonly exchanges: readonly Exchange[];
}

export const GROUPS = {
  basics: 'Plain deliveries',
  body: 'The body, byte by byte',
  signature: 'Signatures to refuse, and forms to accept',
  rotation: 'While the secret is rotated',
  replay: 'Old and late',
  duplicates: 'The same delivery again',
  order: 'Out of order',
  forward: 'What is not there yet',
  limits: 'Size and number',
  protocol: 'Manners',
  effects: 'Effects, where the receiver shows them (`--effects-url`)',
} as const;

export type Group = keyof typeof GROUPS;

/** One case of the exam as data. The texts are the documentation: `--list` and the page are made of them. */
export interface ExamCase {
  /** `<group>.<name>`, stable. */
  readonly id: `${Group}.${string}`;
  readonly title: string;
  readonly sent: string;
  /** What a good receiver does. */
  readonly expected: string;
  readonly why: string;
  readonly mend: string;
  /** The fault of a receiver that fails this case, as a sentence about it. */
  readonly fault: string;
  /** A failed `must` fails the exam, a failed `should` is a warning. */
  readonly severity: 'must' | 'should';
  /** When it fails, nothing after it would tell more: the rest is not examined. */
  readonly isGate?: true;
  /** Undefined when the receiver did well. Throws `NotExamined`. */
  readonly probe: (kit: Kit) => Promise<Finding | undefined>;
}
