import type { TroubleKind } from '@openoms/contract/sandbox-trouble.ts';
import { TROUBLE_KINDS } from '@openoms/contract/trouble-kinds.ts';
import { Plus } from 'lucide-react';
import { useMay } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { NewTrouble } from './new-trouble.tsx';

const GROUPS = [
  ['api', 'Answers of the API'],
  ['webhook', 'Deliveries of webhooks'],
  ['chain', 'The chain'],
  ['rail', 'Banks and tills'],
] as const;

const KINDS = Object.keys(TROUBLE_KINDS) as readonly TroubleKind[];
const isKind = (text: string | undefined): text is TroubleKind =>
  text !== undefined && Object.hasOwn(TROUBLE_KINDS, text);

/** Every kind of trouble and what it does; choosing one asks how much of it. */
export function TroubleCatalogue() {
  const may = useMay('simulate');
  const [{ kind }, setState] = useUrlState();
  return (
    <Panel title="Kinds of trouble" note="Operations that only a sandbox has are never troubled.">
      <div className="-mb-6 gap-x-8 lg:columns-2">
        {GROUPS.map(([prefix, label]) => (
          <section key={prefix} aria-label={label} className="min-w-0 break-inside-avoid pb-6">
            <h3 className="label pb-1">{label}</h3>
            <ul className="divide-y divide-line border-t border-line">
              {KINDS.filter((name) => name.startsWith(`${prefix}.`)).map((name) => (
                <li key={name} className="flex items-start justify-between gap-3 py-2">
                  <div className="min-w-0">
                    <p className="font-mono text-xs font-medium">{name}</p>
                    <p className="text-sm text-soft">{TROUBLE_KINDS[name].does.replaceAll('`', '')}</p>
                  </div>
                  <Button
                    size="sm"
                    icon={<Plus size={13} aria-hidden />}
                    may={may}
                    onClick={() => setState({ kind: name })}
                  >
                    Make<span className="sr-only"> {name}</span>
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {isKind(kind) && <NewTrouble key={kind} kind={kind} onClose={() => setState({ kind: undefined })} />}
    </Panel>
  );
}
