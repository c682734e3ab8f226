import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './class-names.ts';

interface FieldText {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** Of `problem.fields`, by the path of the field. */
  readonly error?: string | undefined;
  /** The label is for screen readers alone: where the place says what it is. */
  readonly isLabelHidden?: boolean;
}

interface FieldProps extends FieldText {
  /** Gets what ties the control to its label, hint and error. */
  readonly children: (control: {
    id: string;
    'aria-invalid': true | undefined;
    'aria-describedby': string | undefined;
  }) => ReactNode;
}

/** Label above, hint and error below, tied to the control. */
export function Field({ label, hint, error, isLabelHidden = false, children }: FieldProps) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(
    Boolean,
  );
  return (
    <div className="grid min-w-0 content-start gap-1">
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error === undefined ? undefined : true,
        'aria-describedby': described.join(' ') || undefined,
      })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="text-xs font-medium text-failed">
          {error}
        </p>
      )}
    </div>
  );
}

export const CONTROL =
  'h-8 w-full min-w-0 rounded-md border border-line-input bg-surface px-2.5 text-sm text-ink placeholder:text-muted hover:border-soft aria-invalid:border-failed focus-visible:outline-offset-0';

type Input = Omit<ComponentProps<'input'>, 'id' | 'onChange'>;

interface TextFieldProps extends FieldText, Input {
  readonly onValue?: (value: string) => void;
  /** Numbers, ids and codes. */
  readonly isMono?: boolean;
  /** A unit after what is typed, such as `USD`. */
  readonly unit?: string | undefined;
}

export function TextField({
  label,
  hint,
  error,
  isLabelHidden,
  onValue,
  isMono,
  unit,
  className,
  ...rest
}: TextFieldProps) {
  return (
    <Field {...{ label, hint, error, isLabelHidden: isLabelHidden ?? false }}>
      {(control) => (
        <div className="relative">
          <input
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...control}
            onChange={(event) => onValue?.(event.target.value)}
            className={cx(CONTROL, isMono && 'figures font-mono', unit !== undefined && 'pr-14', className)}
          />
          {unit !== undefined && (
            <span className="pointer-events-none absolute inset-y-0 right-2.5 flex items-center text-xs text-muted">
              {unit}
            </span>
          )}
        </div>
      )}
    </Field>
  );
}

interface TextAreaProps extends FieldText, Omit<ComponentProps<'textarea'>, 'id' | 'onChange'> {
  readonly onValue?: (value: string) => void;
}

export function TextArea({ label, hint, error, isLabelHidden, onValue, ...rest }: TextAreaProps) {
  return (
    <Field {...{ label, hint, error, isLabelHidden: isLabelHidden ?? false }}>
      {(control) => (
        <textarea
          rows={3}
          {...rest}
          {...control}
          onChange={(event) => onValue?.(event.target.value)}
          className={cx(CONTROL, 'h-auto py-1.5')}
        />
      )}
    </Field>
  );
}

export interface Option<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
}

interface SelectProps<Value extends string> extends FieldText {
  readonly options: readonly Option<Value>[];
  readonly value?: Value;
  readonly defaultValue?: Value;
  readonly name?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly onValue?: (value: Value) => void;
}

/** The system's own list: it is known to every hand and reader. */
export function Select<const Value extends string>({
  label,
  hint,
  error,
  isLabelHidden,
  options,
  onValue,
  ...rest
}: SelectProps<Value>) {
  return (
    <Field {...{ label, hint, error, isLabelHidden: isLabelHidden ?? false }}>
      {(control) => (
        <div className="relative">
          <select
            {...rest}
            {...control}
            onChange={(event) => onValue?.(event.target.value as Value)}
            className={cx(CONTROL, 'appearance-none pr-8')}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown
            size={14}
            aria-hidden
            className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-muted"
          />
        </div>
      )}
    </Field>
  );
}
