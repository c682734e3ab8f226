import type { ExamCase } from './case.ts';
import { BASICS } from './cases/basics.ts';
import { BODY } from './cases/body.ts';
import { DUPLICATES, FORWARD, ORDER, REPLAY } from './cases/delivery.ts';
import { EFFECTS } from './cases/effects.ts';
import { LIMITS, PROTOCOL } from './cases/load.ts';
import { ROTATION, SIGNATURE } from './cases/signature.ts';

/** In the order in which they are sent: what must hold for the others to mean anything first, the crowd late. */
export const CASES: readonly ExamCase[] = [
  ...BASICS,
  ...BODY,
  ...SIGNATURE,
  ...ROTATION,
  ...REPLAY,
  ...DUPLICATES,
  ...ORDER,
  ...FORWARD,
  ...PROTOCOL,
  ...LIMITS,
  ...EFFECTS,
];
