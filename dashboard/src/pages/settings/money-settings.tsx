import type { FeeFlow } from '@openoms/contract/settings.ts';
import { Panel } from '../../components/panel.tsx';
import { SettingField } from './setting-field.tsx';

interface Flow {
  readonly name: FeeFlow;
  readonly label: string;
  readonly asset: 'USD' | 'USDC';
}

const FLOWS: readonly Flow[] = [
  { name: 'cashIn', label: 'Cash-in', asset: 'USD' },
  { name: 'cryptoToCrypto', label: 'Transfer', asset: 'USDC' },
  { name: 'ach', label: 'Payout by ACH', asset: 'USDC' },
  { name: 'wire', label: 'Payout by wire', asset: 'USDC' },
  { name: 'swift', label: 'Payout by SWIFT', asset: 'USDC' },
  { name: 'cashOut', label: 'Cash-out', asset: 'USDC' },
  { name: 'virtualAccount', label: 'Virtual account', asset: 'USD' },
  { name: 'depositAddress', label: 'Deposit address', asset: 'USDC' },
];

const WHOSE = [
  { group: 'fees', label: 'OMS fee', whose: 'OMS' },
  { group: 'developerFees', label: 'Your fee', whose: 'your' },
] as const;

const ROW = 'grid gap-x-6 gap-y-2 lg:grid-cols-[9rem_minmax(0,1fr)_minmax(0,1fr)]';

/** What each flow of money is charged: by the operator of the server, and on top by the project. */
export const Fees = () => (
  <Panel title="Fees" note="A share of the amount, and so much per payment in units of its source.">
    <div className={`${ROW} hidden pb-1 lg:grid`} aria-hidden="true">
      <span />
      {WHOSE.map(({ group, label }) => (
        <span key={group} className="label">
          {label}
        </span>
      ))}
    </div>
    <div className="grid gap-2 max-lg:gap-5">
      {FLOWS.map(({ name, label, asset }) => (
        <fieldset key={name} className="min-w-0">
          <legend className="sr-only">{label}</legend>
          <div className={ROW}>
            <span aria-hidden="true" className="pt-1.5 text-sm font-medium">
              {label}
            </span>
            {WHOSE.map(({ group, label: of, whose }) => (
              <div key={group} className="min-w-0">
                <span aria-hidden="true" className="text-xs text-muted lg:hidden">
                  {of}
                </span>
                <div className="grid grid-cols-2 gap-4">
                  <SettingField
                    path={`${group}.${name}.percentage`}
                    label={`${label}, ${whose} share`}
                    isLabelHidden
                    unit="share"
                  />
                  <SettingField
                    path={`${group}.${name}.fixed`}
                    label={`${label}, ${whose} fixed fee`}
                    isLabelHidden
                    unit={asset}
                  />
                </div>
              </div>
            ))}
          </div>
        </fieldset>
      ))}
    </div>
    <div className="mt-4 border-t border-line pt-4">
      <div className="max-w-64">
        <SettingField path="gasFee" label="Gas, per transfer that is not sponsored" unit="USDC" />
      </div>
    </div>
  </Panel>
);

const LIMITS = [
  { name: 'cryptoToCrypto', label: 'Transfer', asset: 'USDC' },
  { name: 'cryptoToFiat', label: 'Payout', asset: 'USDC' },
  { name: 'cashOut', label: 'Cash-out', asset: 'USD' },
  { name: 'virtualAccount', label: 'Virtual account', asset: 'USD' },
  { name: 'depositAddress', label: 'Deposit address', asset: 'USDC' },
] as const;

/** The smallest and the largest payment of each kind. */
export const Limits = () => (
  <Panel title="Limits" note="Of one payment. Payments and quotes that exist keep theirs.">
    <div className="grid gap-2 max-sm:gap-4">
      {LIMITS.map(({ name, label, asset }) => (
        <fieldset key={name} className="min-w-0">
          <legend className="sr-only">{label}</legend>
          <div className="grid gap-x-2 gap-y-1 sm:grid-cols-[9rem_repeat(3,minmax(0,1fr))] sm:gap-x-4">
            <span aria-hidden="true" className="pt-1.5 text-sm font-medium">
              {label}
            </span>
            <SettingField
              path={`limits.${name}.min`}
              label={`${label}, at least`}
              isLabelHidden
              unit={`${asset} min`}
            />
            <SettingField
              path={`limits.${name}.max`}
              label={`${label}, at most`}
              isLabelHidden
              unit={`${asset} max`}
            />
            {name === 'cashOut' && (
              <SettingField path="limits.cashOut.step" label="Cash-out, step" isLabelHidden unit="USD step" />
            )}
          </div>
        </fieldset>
      ))}
    </div>
  </Panel>
);
