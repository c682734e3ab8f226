import { Delete } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../components/class-names.ts';

/** What a till takes: dollars and at most two decimals. */
const AMOUNT = /^\d{0,6}(\.\d{0,2})?$/;
export const isAmountSoFar = (text: string): boolean => AMOUNT.test(text);

const KEYS = ['7', '8', '9', '4', '5', '6', '1', '2', '3', '0', '00', '.'] as const;

interface KeypadProps {
  readonly amount: string;
  readonly onAmount: (amount: string) => void;
  readonly isOff: boolean;
}

/** Keys for fingers; with a keyboard one types into the display. */
export function Keypad({ amount, onAmount, isOff }: KeypadProps) {
  const press = (key: string): void => {
    const next = amount + key;
    if (!isOff && isAmountSoFar(next)) onAmount(next);
  };
  return (
    <fieldset className="grid min-w-0 grid-cols-[minmax(0,3fr)_minmax(0,1fr)] gap-2">
      <legend className="sr-only">Keypad</legend>
      <div className="grid grid-cols-3 gap-2">
        {KEYS.map((key) => (
          <Key key={key} isOff={isOff} onPress={() => press(key)} label={KEY_NAMES[key] ?? key}>
            {key}
          </Key>
        ))}
      </div>
      <div className="grid grid-rows-2 gap-2">
        <Key isOff={isOff} onPress={() => onAmount(amount.slice(0, -1))} label="Delete the last digit">
          <Delete size={20} aria-hidden />
        </Key>
        <Key isOff={isOff} onPress={() => onAmount('')} label="Clear">
          C
        </Key>
      </div>
    </fieldset>
  );
}

const KEY_NAMES: Readonly<Record<string, string>> = { '.': 'Point' };

interface KeyProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly isOff: boolean;
  readonly children: ReactNode;
}

const Key = ({ label, onPress, isOff, children }: KeyProps) => (
  <button
    type="button"
    aria-label={label}
    aria-disabled={isOff || undefined}
    onClick={() => !isOff && onPress()}
    className={cx(
      'figures inline-flex min-h-12 items-center justify-center rounded-md border border-line-strong bg-raised text-lg font-medium shadow-[0_1px_0_var(--line-strong)] transition-transform duration-75 select-none',
      isOff ? 'text-muted opacity-60' : 'hover:bg-hover active:translate-y-px active:shadow-none',
    )}
  >
    {children}
  </button>
);
