import { setTimeout as delay } from 'node:timers/promises';
import { instanceConfig } from '../../server/src/cli/instance.ts';
import type { Context } from '../../server/src/context.ts';
import { PLATFORM } from '../../server/src/db/database.ts';
import { listProjectIds } from '../../server/src/invariants/rules-store.ts';
import { must } from '../../server/src/kernel/assert.ts';
import { silentLogger } from '../../server/src/kernel/log.ts';
import { openContext } from '../../server/src/runtime.ts';

export type Rail = 'ach' | 'wire';
export type Verdict = 'settle' | 'reject' | 'return' | 'returnLate';

const MAX_CONNECTIONS = 2;
const PAUSE_MS = 250;
const CODES = { ach: { reject: 'R26', return: 'R03' }, wire: { reject: 'AC04', return: 'CUST' } } as const;

/** The bank's side of payouts, at the pace `manual`: it repeats each word until it is known to have been heard. */
export class Bank {
  readonly #context: Context;
  readonly #projectId: string;

  private constructor(context: Context, projectId: string) {
    this.#context = context;
    this.#projectId = projectId;
  }

  static async open(home: string): Promise<Bank> {
    const config = await instanceConfig({ OMS_HOME: home });
    const url = must(config.databaseUrl, 'the instance has a database');
    const context = await openContext(config, url, silentLogger, MAX_CONNECTIONS);
    const [projectId] = await context.db.tx(PLATFORM, listProjectIds);
    return new Bank(context, must(projectId, 'a project'));
  }

  close(): Promise<void> {
    return this.#context.db.close();
  }

  /** Resolves once all of it is done, whatever is killed meanwhile. */
  async decide(transactionId: string, rail: Rail, verdict: Verdict): Promise<void> {
    if (verdict === 'settle' || verdict === 'returnLate') await this.#say(transactionId, rail, 'settle');
    if (verdict === 'returnLate') await this.#say(transactionId, rail, 'return');
    if (verdict === 'reject' || verdict === 'return') await this.#say(transactionId, rail, verdict);
  }

  async #say(transactionId: string, rail: Rail, word: 'settle' | 'reject' | 'return'): Promise<void> {
    // Until the payout is at the bank and the database is there; each word may be repeated.
    while (!(await this.#try(transactionId, rail, word).catch(() => false))) await delay(PAUSE_MS);
  }

  #try(transactionId: string, rail: Rail, word: 'settle' | 'reject' | 'return'): Promise<boolean> {
    const { db, bank, sandboxBank } = this.#context;
    return db.tx(this.#projectId, async (tx) => {
      const payoutId = (await bank.findPayoutOf(tx, 'transaction', transactionId))?.payout_id;
      if (payoutId === undefined) return false;
      if (word === 'settle') await sandboxBank.settle(tx, payoutId);
      if (word === 'reject') await sandboxBank.reject(tx, payoutId, CODES[rail].reject);
      if (word === 'return') await sandboxBank.returnPayout(tx, payoutId, CODES[rail].return);
      return true;
    });
  }
}
