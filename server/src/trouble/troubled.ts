import type { Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';

/** Operations that can be troubled: those of a project, other than the ones by which it would get out of it again. */
export const isTroubled = ({ auth, sandboxOnly }: Operation): boolean => auth === 'bearer' && !sandboxOnly;

export const TROUBLED_OPERATIONS: ReadonlySet<string> = new Set(
  Object.values<Operation>(OPERATIONS)
    .filter(isTroubled)
    .map(({ operationId }) => operationId),
);
