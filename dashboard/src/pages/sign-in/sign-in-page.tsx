import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { usePeopleWrite } from '../../api/queries.ts';
import { sessionQuery } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { PublicPage } from './public-page.tsx';

/** Back to where one wanted to go, on this site alone. */
const isOwnPath = (path: string | undefined): path is string =>
  path !== undefined && /^\/(?![/\\])/.test(path) && !path.startsWith('/sign-in');

export function Page() {
  const [{ to }] = useUrlState();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [wantsCode, setWantsCode] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const signIn = usePeopleWrite('POST /session', {
    showsProblem: true,
    onDone: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      const { pathname, search } = new URL(isOwnPath(to) ? to : '/', location.origin);
      await navigate({ to: pathname, search: Object.fromEntries(new URLSearchParams(search)) } as never);
    },
  });
  const submit = (): void =>
    signIn.mutate(
      { body: { email, password, ...(wantsCode && { code: code.trim() }) } },
      { onError: ({ code: reason }) => reason === 'code_required' && setWantsCode(true) },
    );
  const problem = signIn.error?.code === 'code_required' ? null : signIn.error;
  return (
    <PublicPage
      title={wantsCode ? 'Enter your code' : 'Sign in'}
      note={
        wantsCode
          ? 'From your authenticator, or one of your recovery codes.'
          : 'To the dashboard of this instance.'
      }
    >
      <form
        key={String(wantsCode)}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {wantsCode ? (
          <TextField
            label="Code"
            name="code"
            value={code}
            onValue={setCode}
            autoComplete="one-time-code"
            inputMode="text"
            autoFocus
            required
            isMono
          />
        ) : (
          <>
            <TextField
              label="Email"
              name="email"
              type="email"
              value={email}
              onValue={setEmail}
              autoComplete="username"
              error={problem?.fields.email}
              autoFocus
              required
            />
            <TextField
              label="Password"
              name="password"
              type="password"
              value={password}
              onValue={setPassword}
              autoComplete="current-password"
              error={problem?.fields.password}
              required
            />
          </>
        )}
        <FormProblem error={problem} shown={['email', 'password']} />
        <Button type="submit" look="primary" isBusy={signIn.isPending} className="w-full">
          {wantsCode ? 'Continue' : 'Sign in'}
        </Button>
        {wantsCode && (
          <Button
            look="quiet"
            onClick={() => {
              setWantsCode(false);
              setCode('');
              signIn.reset();
            }}
          >
            Back
          </Button>
        )}
      </form>
    </PublicPage>
  );
}
