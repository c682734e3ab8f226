import type { SandboxTrouble, SandboxTroubleRequest } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { validationError } from '../kernel/errors.ts';
import { fromPpm, toPpm, WHOLE_PPM } from '../trouble/draw.ts';
import type { RuleRow } from '../trouble/store.ts';
import type { NewRule } from '../trouble/trouble.ts';

/** Refuses parameters that the kind does not take. */
export function toNewRule(body: SandboxTroubleRequest): NewRule {
  const { kind, share, times, seed, durationSeconds, ...parameters } = body;
  const row = TROUBLE_KINDS[kind];
  const strange = Object.keys(parameters).filter((name) => !Object.hasOwn(row.takes, name));
  const sharePpm = share === undefined ? undefined : toPpm(share);
  if ('lasts' in row && sharePpm !== undefined && sharePpm < WHOLE_PPM) strange.push('share');
  if ('lasts' in row && times !== undefined) strange.push('times');
  if (strange.length > 0) {
    throw validationError(strange.map((field) => ({ field, issue: `is not of ${kind}` })));
  }
  return { kind, parameters, sharePpm, times, seed, durationSeconds };
}

export function toTrouble(row: RuleRow, isOn: boolean): SandboxTrouble {
  const given = Object.entries(row.parameters).filter(([, value]) => value !== null);
  return {
    object: 'sandboxTrouble',
    id: row.rule_id,
    kind: row.kind,
    ...Object.fromEntries(given),
    share: fromPpm(row.share_ppm),
    times: row.times === null ? null : Number(row.times),
    seed: Number(row.seed),
    endsAt: row.ends_at && toIsoSeconds(row.ends_at),
    isOn,
    happened: Number(row.happened),
    createdAt: toIsoSeconds(row.created_at),
  };
}
