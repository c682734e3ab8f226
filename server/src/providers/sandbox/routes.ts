import { listMagicValues, MAGIC_VALUES } from '@openoms/contract/magic-values.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import { simulateStatementLine } from '@openoms/contract/reconciliation.ts';
import {
  type RateSimulation,
  simulateAuthCommit,
  simulateBarcodeAuth,
  simulateCashIn,
  simulateEndorsements,
  simulateRate,
  simulateTransaction,
  simulateWalletDeposit,
} from '@openoms/contract/simulations.ts';
import { simulateVirtualAccountDeposit } from '@openoms/contract/virtual-accounts.ts';
import { batchRoute, type Route, route } from '../../http/operation.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import type { Rates } from '../../rates/service.ts';
import type { BankDeposits } from './bank-deposits.ts';
import type { BankStatements } from './bank-statements.ts';
import type { CashInHands } from './cash-in-hands.ts';
import type { ChainDeposits } from './chain-deposits.ts';
import type { IdentityHands } from './identity-hands.ts';
import type { SandboxTill } from './till.ts';
import { type SimulatorDeps, TransactionSimulator } from './transaction-events.ts';

/** Hands on the outside world; the binder answers 404 to live projects. */
export function sandboxRoutes({
  till,
  bankDeposits,
  identityHands,
  chainDeposits,
  cashInHands,
  bankStatements,
  rates,
  ...deps
}: {
  readonly till: SandboxTill;
  readonly bankDeposits: BankDeposits;
  readonly identityHands: IdentityHands;
  readonly chainDeposits: ChainDeposits;
  readonly cashInHands: CashInHands;
  readonly bankStatements: BankStatements;
  readonly rates: Rates;
} & SimulatorDeps): readonly Route[] {
  const simulator = new TransactionSimulator(deps);
  return [
    route(simulateBarcodeAuth, (tx, { body }) => till.authorize(tx, body)),
    batchRoute(simulateAuthCommit, (tx, requests) =>
      till.commit(
        tx,
        requests.map(({ body }) => body),
      ),
    ),
    route(simulateCashIn, (tx, { params, body }) => cashInHands.end(tx, params.cashInId, body)),
    route(simulateStatementLine, (tx, { body }) => bankStatements.list(tx, body)),
    route(simulateVirtualAccountDeposit, (tx, { params, body }, { sealer }) =>
      bankDeposits.simulate(tx, params.virtualAccountId, body, sealer),
    ),
    route(simulateEndorsements, (tx, { params, body }) => identityHands.decide(tx, params.customerId, body)),
    route(listMagicValues, async () => ({
      data: MAGIC_VALUES.map(({ outcome: _, header, ...row }) => ({
        object: 'magicValue' as const,
        ...row,
        header: [...header],
      })),
      hasMore: false,
      nextCursor: null,
      previousCursor: null,
    })),
    route(simulateRate, async (tx, { body }) => {
      const rate = await rates.tell(tx, body.pair, body.rate);
      return toRateSimulation(body, rate, tx.now());
    }),
    route(simulateWalletDeposit, (tx, { params, body }) => chainDeposits.simulate(tx, params.walletId, body)),
    route(simulateTransaction, (tx, { params, body }) => simulator.run(tx, params.transactionId, body)),
  ];
}

function toRateSimulation(
  { pair, rate: told }: BodyOf<typeof simulateRate>,
  rate: string | null,
  now: Date,
): RateSimulation {
  const event = rate !== null ? 'moved' : told === null ? 'unavailable' : 'usual';
  return { pair, rate, event, status: 'submitted', submittedAt: toIsoSeconds(now) };
}
