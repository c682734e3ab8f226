import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Panel } from '../../components/panel.tsx';
import { SameCall } from '../../components/same-call.tsx';

const PAIRS = [
  { value: 'usdc/usd', label: 'USDC in USD' },
  { value: 'usd/usdc', label: 'USD in USDC' },
] as const;
type Move = 'moved' | 'unavailable' | 'usual';

const SAID: Readonly<Record<Move, string>> = {
  moved: 'The rate has moved. What is quoted, deposited and forwarded from now on takes it.',
  unavailable: 'There is no rate now: quotes are refused with rate_unavailable.',
  usual: 'It is the usual rate again.',
};

/** An exchange rate that moves, or is not to be had. */
export function RateMoves() {
  const may = useMay('simulate');
  const [pair, setPair] = useState<string>(PAIRS[0].value);
  const [move, setMove] = useState<Move>('moved');
  const [rate, setRate] = useState('0.98');
  const set = useProjectWrite('POST /sandbox/rates', { showsProblem: true });
  const input = {
    body: { pair, ...(move === 'moved' && { rate }), ...(move === 'unavailable' && { rate: null }) },
  };
  return (
    <Panel title="Exchange rate">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed) set.mutate(input);
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Select
            label="Pair"
            value={pair}
            onValue={setPair}
            options={PAIRS}
            error={set.error?.fields.pair}
          />
          {move === 'moved' && (
            <TextField
              label="Rate"
              isMono
              inputMode="decimal"
              value={rate}
              onValue={setRate}
              error={set.error?.fields.rate}
            />
          )}
        </div>
        <RadioGroup
          label="From now on"
          name="move"
          value={move}
          onValue={setMove}
          options={[
            { value: 'moved', label: 'This rate' },
            { value: 'unavailable', label: 'None: it cannot be had' },
            { value: 'usual', label: 'The usual one' },
          ]}
        />
        <FormProblem error={set.error} shown={['pair', 'rate']} />
        {set.data && (
          <p role="status" className="text-sm text-done">
            {SAID[set.data.event]}
          </p>
        )}
        <div className="flex flex-wrap items-start justify-between gap-3">
          <SameCall route="POST /sandbox/rates" input={input} />
          <Button type="submit" look="primary" may={may} isBusy={set.isPending}>
            Set the rate
          </Button>
        </div>
      </form>
    </Panel>
  );
}
