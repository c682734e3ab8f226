import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { usePeopleWrite } from '../../api/queries.ts';
import { sessionQuery, useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { Status } from '../../components/status.tsx';
import { QrCode } from './qr-code.tsx';

/** A second proof at sign-in: on or off, and how to change that. */
export function Authenticator() {
  const { user } = useSession();
  const [dialog, setDialog] = useState<'set-up' | 'remove'>();
  const start = usePeopleWrite('POST /user/totp', { onDone: () => setDialog('set-up') });
  const close = (): void => setDialog(undefined);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <Status status={user.hasTotp ? 'on' : 'off'} tone={user.hasTotp ? 'done' : 'idle'} />
        <p className="mt-1.5 text-sm text-soft">
          {user.hasTotp
            ? 'You are asked for a code when you sign in.'
            : 'With one, a stolen password alone opens nothing.'}
        </p>
      </div>
      {user.hasTotp ? (
        <Button look="danger" onClick={() => setDialog('remove')}>
          Remove authenticator
        </Button>
      ) : (
        <Button isBusy={start.isPending} onClick={() => start.mutate({})}>
          Set up authenticator
        </Button>
      )}
      {dialog === 'set-up' && start.data && <SetUp {...start.data} onClose={close} />}
      {dialog === 'remove' && <Remove onClose={close} />}
    </div>
  );
}

interface SetUpProps {
  readonly secret: string;
  readonly uri: string;
  readonly onClose: () => void;
}

function SetUp({ secret, uri, onClose }: SetUpProps) {
  const [code, setCode] = useState('');
  const client = useQueryClient();
  const confirm = usePeopleWrite('POST /user/totp/confirm', {
    showsProblem: true,
    onDone: () => void client.invalidateQueries(sessionQuery),
  });
  if (confirm.data)
    return (
      <Dialog isOpen onClose={onClose} title="The authenticator is set up">
        <SecretOnce
          label="Recovery codes"
          secret={confirm.data.codes.join('\n')}
          note="Each opens the door once, for when the authenticator is lost. Keep them where it is not."
        />
        <Actions>
          <Button look="primary" onClick={onClose}>
            I have kept them
          </Button>
        </Actions>
      </Dialog>
    );
  return (
    <Dialog isOpen onClose={onClose} title="Set up an authenticator">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate({ body: { code: code.trim() } });
        }}
      >
        <p className="text-sm text-soft">
          Scan this with an authenticator app, then enter the code that it shows.
        </p>
        <QrCode text={uri} label="Code to scan with the authenticator" />
        <div className="flex items-center justify-center gap-1">
          <code className="font-mono text-xs break-all">{secret}</code>
          <CopyButton text={secret} label="Copy secret" />
        </div>
        <TextField
          label="Code"
          value={code}
          onValue={setCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          error={confirm.error?.fields.code}
          isMono
          required
        />
        <FormProblem error={confirm.error} shown={['code']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={confirm.isPending}>
            Confirm
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

function Remove({ onClose }: { readonly onClose: () => void }) {
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const remove = usePeopleWrite('POST /user/totp/remove', {
    showsProblem: true,
    done: 'The authenticator is removed',
    onDone: () => {
      void client.invalidateQueries(sessionQuery);
      onClose();
    },
  });
  return (
    <Dialog isOpen onClose={onClose} title="Remove the authenticator?">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          remove.mutate({ body: { password } });
        }}
      >
        <p className="text-sm text-soft">From then on your password alone opens your account.</p>
        <TextField
          label="Password"
          type="password"
          value={password}
          onValue={setPassword}
          autoComplete="current-password"
          error={remove.error?.fields.password}
          required
        />
        <FormProblem error={remove.error} shown={['password']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" isBusy={remove.isPending}>
            Remove authenticator
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
