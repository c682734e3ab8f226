import type { CashOrders } from '../../cash-ins/provider.ts';
import type { SendPolicy } from '../../chain/sends.ts';
import type { Tx } from '../../db/database.ts';
import type { NumberOrders } from '../../deposit-addresses/provider.ts';
import type { AccountVerifier } from '../../external-accounts/provider.ts';
import { formatMinor } from '../../kernel/money.ts';
import type { RateDesk } from '../../quotes/provider.ts';
import type { Settings } from '../../settings/service.ts';
import type { Screener, Screening } from '../../transactions/provider.ts';
import {
  accountCheckMagic,
  cashOrderMagic,
  chainMagic,
  numberOrderMagic,
  quoteMagic,
  screeningMagic,
} from './magic-values.ts';

const isFound = (found: unknown): boolean => found !== undefined;

/** The name of the sandbox's screener. */
export const SANDBOX_SCREENING = 'sandbox-screening';

interface AtOnceDeps {
  readonly settings: Pick<Settings, 'get'>;
  readonly screening: () => Screening;
}

/**
 * Those of the outside world who answer in the transaction of the request: they let everything pass but what a scenario
 * or a magic value names. A project's mode is asked for only then.
 */
export function decidingAtOnce({ settings, screening }: AtOnceDeps) {
  const inSandbox = async <T>(tx: Tx, found: T | undefined): Promise<T | undefined> =>
    found !== undefined && (await settings.get(tx)).mode === 'sandbox' ? found : undefined;

  const rateDesk: RateDesk = {
    termsOf: async (tx, orders) => {
      const found = orders.map(({ fixedSide, fixedMinor }) =>
        quoteMagic(tx.scenario, fixedSide === 'source' ? formatMinor(fixedMinor, 'usdc') : undefined),
      );
      const isAny = await inSandbox(tx, found.find(isFound));
      return found.map((magic) => (isAny && magic?.terms) ?? 'usual');
    },
  };
  const cashOrders: CashOrders = {
    refusalOf: async (tx, { indicatedMinor }) => {
      const amount = formatMinor(indicatedMinor, 'usd');
      const found = await inSandbox(tx, cashOrderMagic(tx.scenario, amount));
      return found && { code: found.refusal, message: 'The cash network declined the order.' };
    },
  };
  const accountVerifier: AccountVerifier = {
    verify: async (tx, number) =>
      (await inSandbox(tx, accountCheckMagic(tx.scenario, number)))?.decision ?? 'verified',
  };
  const numberOrders: NumberOrders = {
    isRefused: async (tx, operation, label) =>
      (await inSandbox(tx, numberOrderMagic(tx.scenario, operation, label))) !== undefined,
  };
  const screener: Screener = {
    look: async (tx, parties) => {
      const listed = parties.filter(({ party }) => screeningMagic(tx.scenario, party));
      if (!(await inSandbox(tx, listed[0]))) return;
      const transactionIds = [...new Set(listed.map(({ transactionId }) => transactionId))];
      await screening().reviewsOpened(
        tx,
        SANDBOX_SCREENING,
        transactionIds.map((transactionId) => ({
          providerEventId: `${transactionId}/listed`,
          transactionId,
        })),
      );
    },
  };
  const sendPolicy: SendPolicy = {
    refusalsOf: async (tx, recipients) => {
      const found = recipients.map((to) => chainMagic(tx.scenario, to)?.failureCode);
      return (await inSandbox(tx, found.find(isFound))) ? found : [];
    },
  };
  return { rateDesk, cashOrders, accountVerifier, numberOrders, screener, sendPolicy };
}
