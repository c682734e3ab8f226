import { PERMISSION_NAMES, PERMISSIONS, type Permission } from '@openoms/contract/permissions.ts';
import { useState } from 'react';
import { useProjectWrite } from '../../api/queries.ts';
import { useProject, useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/choice.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id } from '../../components/id.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';

/** Asks for name and scopes, then shows the secret; closing is the only way on from there. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { permissions, mode } = useProject();
  const offered = PERMISSION_NAMES.filter((scope) => mode === 'sandbox' || scope !== 'simulate');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Permission[]>(() =>
    offered.filter((scope) => permissions.includes(scope)),
  );
  const create = useProjectWrite('POST /api-keys', { showsProblem: true });
  if (create.data)
    return <Created apiKey={create.data.key.apiKey} apiSecret={create.data.apiSecret} onClose={onClose} />;
  const { fields = {} } = create.error ?? {};
  return (
    <Dialog isOpen onClose={onClose} title="Create an API key">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ body: { name, scopes: [...scopes] } });
        }}
      >
        <TextField
          label="Name"
          hint="Where it will be used, such as “Checkout, production”."
          value={name}
          onValue={setName}
          error={fields.name}
          maxLength={100}
          required
        />
        <fieldset>
          <legend className="mb-1 text-sm font-medium">Scopes</legend>
          {offered.map((scope) => {
            const isGiven = permissions.includes(scope);
            return (
              <Checkbox
                key={scope}
                label={<span className="font-mono text-xs">{scope}</span>}
                hint={isGiven ? PERMISSIONS[scope] : `${PERMISSIONS[scope]} Your role cannot give it.`}
                checked={scopes.includes(scope)}
                disabled={!isGiven}
                onValue={(isOn) =>
                  setScopes(isOn ? [...scopes, scope] : scopes.filter((other) => other !== scope))
                }
              />
            );
          })}
          {fields.scopes !== undefined && <p className="text-xs font-medium text-failed">{fields.scopes}</p>}
        </fieldset>
        <FormProblem error={create.error} shown={['name', 'scopes']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={create.isPending}
            unavailable={scopes.length === 0 ? 'Choose a scope' : undefined}
          >
            Create key
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

interface CreatedProps {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly onClose: () => void;
}

function Created({ apiKey, apiSecret, onClose }: CreatedProps) {
  const { instance } = useSession();
  const call = [
    `curl -X POST '${instance.apiBaseUrl}/auth/token'`,
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify({ apiKey, apiSecret }, null, 2).replaceAll('\n', '\n  ')}'`,
  ].join(' \\\n  ');
  return (
    <Dialog isOpen onClose={onClose} title="The key is created" width="wide">
      <div className="grid gap-4">
        <SecretOnce label="API secret" secret={apiSecret} />
        <p className="flex flex-wrap items-baseline gap-x-3 text-sm">
          <span className="font-medium">API key</span>
          <Id id={apiKey} isWhole />
        </p>
        <div className="grid gap-1">
          <p className="text-sm font-medium">Exchange it for a token</p>
          <CodeBlock label="Call" code={call} />
        </div>
      </div>
      <Actions>
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      </Actions>
    </Dialog>
  );
}
