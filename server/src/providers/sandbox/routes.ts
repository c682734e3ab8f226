import { simulateAuthCommit, simulateBarcodeAuth } from '@openoms/contract/simulations.ts';
import { batchRoute, type Route, route } from '../../http/operation.ts';
import type { SandboxTill } from './till.ts';

/** Hands on the outside world; the binder answers 404 to live projects. */
export const sandboxRoutes = (till: SandboxTill): readonly Route[] => [
  route(simulateBarcodeAuth, (tx, { body }) => till.authorize(tx, body)),
  batchRoute(simulateAuthCommit, (tx, requests) =>
    till.commit(
      tx,
      requests.map(({ body }) => body),
    ),
  ),
];
