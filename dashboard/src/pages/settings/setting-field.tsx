import { cx } from '../../components/class-names.ts';
import { formatShare } from '../../components/decimal.ts';
import { TextField } from '../../components/field.tsx';
import { DEFAULTS } from './draft.ts';
import { useSetting, useSettingsDraft } from './settings-draft.ts';

interface SettingFieldProps {
  readonly path: string;
  readonly label: string;
  readonly isLabelHidden?: boolean;
  /** `share`: a fraction, said as per cent beside it. */
  readonly unit: string;
}

const SHARE = /^0(\.\d+)?$/;

/** One setting: what it is, whether that is the default, and what the server says against it. */
export function SettingField({ path, label, isLabelHidden = false, unit }: SettingFieldProps) {
  const { may } = useSettingsDraft();
  const { value, isChanged, error, set } = useSetting(path);
  const initial = DEFAULTS[path];
  const isDefault = value === initial;
  const shown = unit === 'share' ? (SHARE.test(value) ? formatShare(value) : '%') : unit;
  return (
    <div className={cx('-ml-2.5 border-l-2 pl-2', isChanged ? 'border-accent' : 'border-transparent')}>
      <TextField
        label={label}
        isLabelHidden={isLabelHidden}
        isMono
        inputMode="decimal"
        unit={shown}
        value={value}
        error={error}
        readOnly={!may.allowed}
        onValue={set}
        hint={
          isDefault || initial === undefined ? undefined : (
            <BackToDefault path={path} label={label} initial={initial} />
          )
        }
        className={isDefault ? 'text-muted!' : 'font-medium'}
      />
    </div>
  );
}

function BackToDefault({
  path,
  label,
  initial,
}: {
  readonly path: string;
  readonly label: string;
  readonly initial: string;
}) {
  const { may } = useSettingsDraft();
  const { set } = useSetting(path);
  if (!may.allowed) return <>Default {initial}</>;
  return (
    <button
      type="button"
      onClick={() => set(initial)}
      className="inline-flex min-h-6 items-center rounded-sm text-accent underline decoration-accent/35 underline-offset-[3px]"
    >
      Default {initial}
      <span className="sr-only"> of {label}</span>
    </button>
  );
}
