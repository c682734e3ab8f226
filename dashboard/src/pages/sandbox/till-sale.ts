import type { CashIn } from '@openoms/contract/cash-ins.ts';
import type { BarcodeAuthorization } from '@openoms/contract/simulations.ts';
import { useEffect, useState } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { useProjectWrite } from '../../api/queries.ts';

/** ISO 8583: approved. */
const APPROVED = '00';

interface Authorized {
  readonly amount: string;
  readonly reply: BarcodeAuthorization;
}

export interface Sale {
  readonly step: 'amount' | 'authorized' | 'declined' | 'taken';
  readonly authorized: Authorized | undefined;
  readonly error: ApiProblem | null;
  readonly isBusy: boolean;
  authorize(amount: string): void;
  take(amount: string): void;
  /** Back to the amount: what was authorized is left to lapse. */
  startAgain(): void;
}

/** Reading a code and taking the cash: two calls, the answer of the first feeding the second. */
export function useSale(cashIn: CashIn | undefined): Sale {
  const [authorized, setAuthorized] = useState<Authorized>();
  const [isTaken, setTaken] = useState(false);
  const authorization = useProjectWrite('POST /cash-ins/simulate/barcode-auth', { showsProblem: true });
  const commit = useProjectWrite('POST /cash-ins/simulate/auth-commit', {
    showsProblem: true,
    onDone: () => setTaken(true),
  });
  const startAgain = (): void => {
    authorization.reset();
    commit.reset();
    setAuthorized(undefined);
  };
  const code = cashIn?.depositInstructions?.code;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said of the code before is of no code any more
  useEffect(startAgain, [code]);
  const isApproved = authorized?.reply.responseCode === APPROVED;
  return {
    step: isTaken ? 'taken' : !authorized ? 'amount' : isApproved ? 'authorized' : 'declined',
    authorized,
    error: commit.error ?? authorization.error,
    isBusy: authorization.isPending || commit.isPending,
    authorize: (amount) => {
      commit.reset();
      if (code === undefined) return;
      authorization.mutate(
        { body: { barcode: code, amount } },
        { onSuccess: (reply) => setAuthorized({ amount, reply }) },
      );
    },
    take: (amount) => {
      if (!authorized) return;
      const { accountNumber, accountReferenceNumber, confirmationId } = authorized.reply;
      commit.mutate({
        body: { accountNumber, accountReferenceNumber, amount, originalConfirmationId: confirmationId },
      });
    },
    startAgain,
  };
}
