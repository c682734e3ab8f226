import type { SandboxTroubleRequest, TroubleKind } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { type Option, Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { SameCall } from '../../components/same-call.tsx';

interface FieldRow {
  readonly label: string;
  readonly hint?: string;
  readonly unit?: string;
  readonly isNumber?: true;
  readonly options?: readonly Option[];
}

const ANY = { value: '', label: 'Any' } as const;

/** How each parameter is asked for. */
const FIELDS: Readonly<Record<string, FieldRow>> = {
  status: {
    label: 'Status',
    isNumber: true,
    options: ['429', '500', '502', '503', '504'].map((value) => ({ value, label: value })),
  },
  when: {
    label: 'When',
    options: [
      { value: 'before', label: 'Before: nothing was done' },
      { value: 'after', label: 'After: it was done, the answer is lost' },
    ],
  },
  operationId: { label: 'Operation', hint: 'Its operationId; empty: any.' },
  milliseconds: { label: 'For', unit: 'ms', isNumber: true, hint: 'In real time.' },
  webhookId: { label: 'Endpoint', hint: 'A webhook’s id; empty: any.' },
  seconds: { label: 'Later by', unit: 's', isNumber: true, hint: 'By the project’s clock.' },
  depth: { label: 'Depth', unit: 'blocks', isNumber: true },
  factor: { label: 'Factor', isNumber: true, hint: 'Of the usual 30 gwei; above 160 the relayer waits.' },
  rail: {
    label: 'Network',
    options: [ANY, { value: 'bank', label: 'Bank' }, { value: 'cash', label: 'Cash' }],
  },
  difference: { label: 'Difference', unit: 'USD', hint: 'Told too much; negative: too little.' },
};

const HOW_MUCH: Readonly<Record<string, FieldRow>> = {
  share: { label: 'Share', hint: '0.25 is every fourth time; empty: always.' },
  times: { label: 'Times', isNumber: true, hint: 'After so many it is over; empty: never.' },
  seed: { label: 'Seed', isNumber: true, hint: 'The same seed, the same trouble; empty: drawn.' },
  durationSeconds: { label: 'Over after', unit: 's', isNumber: true, hint: 'In real time; empty: never.' },
};

type Texts = Readonly<Record<string, string>>;

const takesOf = (kind: TroubleKind): Readonly<Record<string, string | number | null>> =>
  TROUBLE_KINDS[kind].takes;

/** What was filled in, each as its field is; what is empty is left to its default. */
function bodyOf(kind: TroubleKind, texts: Texts): SandboxTroubleRequest {
  const rows = { ...FIELDS, ...HOW_MUCH };
  const filled = Object.entries(texts).flatMap(([name, text]) => {
    if (text.trim() === '') return [];
    const number = Number(text);
    // What is no number goes as it was typed, so that the server names the field.
    return [[name, rows[name]?.isNumber && Number.isFinite(number) ? number : text.trim()] as const];
  });
  return { kind, ...Object.fromEntries(filled) };
}

export function NewTrouble({ kind, onClose }: { readonly kind: TroubleKind; readonly onClose: () => void }) {
  const may = useMay('simulate');
  const takes = takesOf(kind);
  const lasts = 'lasts' in TROUBLE_KINDS[kind];
  const howMuch = Object.keys(HOW_MUCH).filter((name) => !lasts || name === 'durationSeconds');
  const [texts, setTexts] = useState<Texts>(() =>
    Object.fromEntries([
      ...Object.entries(takes).map(([name, value]) => [name, value === null ? '' : String(value)]),
      ...howMuch.map((name) => [name, '']),
    ]),
  );
  const make = useProjectWrite('POST /sandbox/trouble', {
    showsProblem: true,
    done: `${kind} is on`,
    onDone: onClose,
  });
  const input = { body: bodyOf(kind, texts) };
  const fieldOf = (name: string, row: FieldRow | undefined) => (
    <TroubleField
      key={name}
      row={row ?? { label: name }}
      value={texts[name] ?? ''}
      error={make.error?.fields[name]}
      onValue={(value) => setTexts({ ...texts, [name]: value })}
    />
  );
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={kind}
      note={TROUBLE_KINDS[kind].does.replaceAll('`', '')}
      width="wide"
    >
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed) make.mutate(input);
        }}
      >
        {Object.keys(takes).length > 0 && (
          <div className="grid gap-4 sm:grid-cols-2">
            {Object.keys(takes).map((name) => fieldOf(name, FIELDS[name]))}
          </div>
        )}
        <fieldset className="grid min-w-0 gap-4 sm:grid-cols-2">
          <legend className="label pb-2">How much</legend>
          {howMuch.map((name) => fieldOf(name, HOW_MUCH[name]))}
        </fieldset>
        <FormProblem error={make.error} shown={Object.keys(texts)} />
        <SameCall route="POST /sandbox/trouble" input={input} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" may={may} isBusy={make.isPending}>
            Make trouble
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

interface TroubleFieldProps {
  readonly row: FieldRow;
  readonly value: string;
  readonly error: string | undefined;
  readonly onValue: (value: string) => void;
}

function TroubleField({ row, value, error, onValue }: TroubleFieldProps) {
  const { label, hint, unit, options, isNumber } = row;
  if (options)
    return (
      <Select label={label} hint={hint} value={value} error={error} onValue={onValue} options={options} />
    );
  return (
    <TextField
      label={label}
      hint={hint}
      unit={unit}
      isMono
      inputMode={isNumber ? 'numeric' : undefined}
      value={value}
      error={error}
      onValue={onValue}
    />
  );
}
