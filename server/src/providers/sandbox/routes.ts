import {
  simulateAuthCommit,
  simulateBarcodeAuth,
  simulateTransaction,
} from '@openoms/contract/simulations.ts';
import { batchRoute, type Route, route } from '../../http/operation.ts';
import type { SandboxTill } from './till.ts';
import { type SimulatorDeps, TransactionSimulator } from './transaction-events.ts';

/** Hands on the outside world; the binder answers 404 to live projects. */
export function sandboxRoutes({
  till,
  ...deps
}: { readonly till: SandboxTill } & SimulatorDeps): readonly Route[] {
  const simulator = new TransactionSimulator(deps);
  return [
    route(simulateBarcodeAuth, (tx, { body }) => till.authorize(tx, body)),
    batchRoute(simulateAuthCommit, (tx, requests) =>
      till.commit(
        tx,
        requests.map(({ body }) => body),
      ),
    ),
    route(simulateTransaction, (tx, { params, body }) => simulator.run(tx, params.transactionId, body)),
  ];
}
