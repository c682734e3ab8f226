import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './class-names.ts';

interface ChoiceProps extends Omit<ComponentProps<'input'>, 'id' | 'type' | 'onChange'> {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly onValue?: (isOn: boolean) => void;
}

const ROW = 'grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2.5 py-1';
const MARK =
  'peer mt-0.5 size-4 appearance-none border border-line-input bg-surface hover:border-soft checked:border-accent checked:bg-accent disabled:opacity-50';

export function Checkbox({ label, hint, onValue, ...rest }: ChoiceProps) {
  return (
    <Labelled label={label} hint={hint}>
      {(ties) => (
        <span className="relative grid">
          <input
            {...rest}
            {...ties}
            type="checkbox"
            onChange={(event) => onValue?.(event.target.checked)}
            className={cx(MARK, 'rounded-sm')}
          />
          <svg
            viewBox="0 0 16 16"
            aria-hidden="true"
            className="pointer-events-none absolute top-0.5 size-4 stroke-surface opacity-0 peer-checked:opacity-100"
          >
            <path d="m4 8.5 2.5 2.5L12 5.5" fill="none" strokeWidth="2" strokeLinecap="round" />
          </svg>
        </span>
      )}
    </Labelled>
  );
}

/** On or off, at once. */
export function Switch({ label, hint, onValue, ...rest }: ChoiceProps) {
  return (
    <Labelled label={label} hint={hint}>
      {(ties) => (
        <input
          {...rest}
          {...ties}
          type="checkbox"
          role="switch"
          aria-checked={rest.checked}
          onChange={(event) => onValue?.(event.target.checked)}
          className="mt-0.5 h-4.5 w-8 appearance-none rounded-full border border-line-input bg-sunken bg-no-repeat transition-colors before:mt-px before:ml-0.5 before:block before:size-3.5 before:rounded-full before:bg-muted before:transition-transform checked:border-accent checked:bg-accent checked:before:translate-x-3 checked:before:bg-surface disabled:opacity-50"
        />
      )}
    </Labelled>
  );
}

interface Ties {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
}

function Labelled(props: {
  readonly label: ReactNode;
  readonly hint: ReactNode;
  readonly children: (ties: Ties) => ReactNode;
}) {
  const id = useId();
  const hasHint = props.hint !== undefined;
  return (
    <div className={ROW}>
      {props.children({ id, 'aria-describedby': hasHint ? `${id}-hint` : undefined })}
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm">
          {props.label}
        </label>
        {hasHint && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {props.hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface RadioGroupProps<Value extends string> {
  readonly label: string;
  readonly name: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
  readonly onValue: (value: Value) => void;
}

export function RadioGroup<const Value extends string>({
  label,
  name,
  value,
  options,
  onValue,
}: RadioGroupProps<Value>) {
  return (
    <fieldset className="grid min-w-0 gap-0.5">
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      {options.map((option) => (
        <Labelled key={option.value} label={option.label} hint={option.hint}>
          {(ties) => (
            <input
              {...ties}
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onValue(option.value)}
              className={cx(MARK, 'rounded-full checked:shadow-[inset_0_0_0_3px_var(--surface)]')}
            />
          )}
        </Labelled>
      ))}
    </fieldset>
  );
}
