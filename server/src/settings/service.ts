import type { FeeFlow, SettingsChange } from '@openoms/contract/settings.ts';
import type { Audit, Author } from '../audit/audit.ts';
import type { Tx } from '../db/database.ts';
import { ApiError, validationError } from '../kernel/errors.ts';
import { type Asset, parseRate, type Rate } from '../kernel/money.ts';
import { type Values, valuesOf, withChange } from './change.ts';
import { exactMinor } from './parsed.ts';
import { issuesOf, setsSandboxOnly } from './rules.ts';
import * as store from './store.ts';

export type { FeeFlow };
export type LimitName = keyof Values['limits'];

/** What applies to the project of a transaction, in the form of the wire; every field has a value. */
export interface ProjectSettings extends Values {
  readonly mode: 'sandbox' | 'live';
}

/** One party's fee: `rate` of the amount, and `fixedMinor` of its asset. */
export interface Fee {
  readonly rate: Rate;
  /** The same as decimals, to be shown and stored. */
  readonly percentage: string;
  readonly fixedMinor: bigint;
}

export interface FlowFees {
  readonly oms: Fee;
  readonly developer: Fee;
}

/** Both bounds are allowed amounts. */
export interface Limits {
  readonly minMinor: bigint;
  readonly maxMinor: bigint;
}

/** What each project charges, allows and waits for. What applied to a payment is stored with the payment. */
export class Settings {
  readonly #audit: Audit;

  constructor({ audit }: { readonly audit: Audit }) {
    this.#audit = audit;
  }

  async get(tx: Tx): Promise<ProjectSettings> {
    const { mode, changed } = await store.getSettings(tx);
    return { mode, ...valuesOf(changed ?? {}) };
  }

  /** Throws 400 naming every field that breaks a rule, 404 when a live project sets what only a sandbox has. */
  async update(tx: Tx, change: SettingsChange, author: Author): Promise<ProjectSettings> {
    const changed = withChange(await store.lockChanged(tx, tx.now()), change);
    const { mode } = await store.getSettings(tx);
    const values = valuesOf(changed);
    const issues = issuesOf(values);
    if (issues.length > 0) throw validationError(issues);
    if (mode === 'live' && setsSandboxOnly(change)) {
      throw new ApiError(404, 'not_found', 'No such setting.', {
        details: [{ field: 'pace', issue: 'is a setting of sandbox projects' }],
      });
    }
    await store.updateChanged(tx, changed);
    await this.#audit.record(tx, {
      ...author,
      action: 'settings.updated',
      resourceId: tx.scope,
      details: { change },
    });
    return { mode, ...values };
  }

  /** The asset is the payment's source. */
  feesOf(settings: ProjectSettings, flow: FeeFlow, asset: Asset): FlowFees {
    const feeOf = ({ percentage, fixed }: { percentage: string; fixed: string }): Fee => ({
      rate: parseRate(percentage),
      percentage,
      fixedMinor: exactMinor(fixed, asset),
    });
    return { oms: feeOf(settings.fees[flow]), developer: feeOf(settings.developerFees[flow]) };
  }

  /** Per transfer on chain, unless its gas is sponsored. */
  gasFeeOf = (settings: ProjectSettings, asset: Asset): bigint => exactMinor(settings.gasFee, asset);

  /** The asset is the payment's source; for `cashOut`, `usd`: what is handed over. */
  limitsOf(settings: ProjectSettings, name: LimitName, asset: Asset): Limits {
    const { min, max } = settings.limits[name];
    return { minMinor: exactMinor(min, asset), maxMinor: exactMinor(max, asset) };
  }

  /** What is handed over in cash is a multiple of it, in cents. */
  cashOutStepOf = (settings: ProjectSettings): bigint => exactMinor(settings.limits.cashOut.step, 'usd');
}
