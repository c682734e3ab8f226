import { ROLE_RIGHTS } from '@openoms/contract/permissions.ts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { callPeople } from '../../api/client.ts';
import { usePeopleWrite } from '../../api/queries.ts';
import type { PeopleReply } from '../../api/routes.ts';
import { sessionQuery } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Link } from '../../components/link.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { paths } from '../../paths.ts';
import { PublicPage } from './public-page.tsx';

type Offer = PeopleReply<'POST /invitations/read'>;

/** The token is behind `#`, which no browser sends anywhere by itself. */
export function Page() {
  const [token] = useState(() => location.hash.slice(1));
  const { data: offer, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => callPeople('POST /invitations/read', { body: { token } }),
    enabled: token !== '',
    retry: false,
  });
  if (token === '' || error)
    return (
      <PublicPage title="Invitation">
        <EmptyState title="This link leads nowhere">
          It was used, withdrawn or has expired. Ask for another, or <Link to={paths.signIn()}>sign in</Link>.
        </EmptyState>
      </PublicPage>
    );
  if (!offer)
    return (
      <PublicPage title="Invitation">
        <Skeleton />
      </PublicPage>
    );
  return <Accept token={token} offer={offer} />;
}

function Accept({ token, offer }: { readonly token: string; readonly offer: Offer }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const accept = usePeopleWrite('POST /invitations/accept', {
    showsProblem: true,
    onDone: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: '/' });
    },
  });
  const { fields = {}, code: reason } = accept.error ?? {};
  const wantsCode = reason === 'code_required' || code !== '';
  return (
    <PublicPage
      title={`Join ${offer.organizationName}`}
      note={
        <>
          As <span className="font-medium text-ink">{offer.role}</span>: {ROLE_RIGHTS[offer.role].summary}
        </>
      }
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate({
            body: { token, password, ...(!offer.hasAccount && { name }), ...(code !== '' && { code }) },
          });
        }}
      >
        <TextField label="Email" type="email" value={offer.email} autoComplete="username" readOnly />
        {!offer.hasAccount && (
          <TextField
            label="Your name"
            value={name}
            onValue={setName}
            autoComplete="name"
            error={fields.name}
            required
          />
        )}
        <TextField
          label="Password"
          type="password"
          value={password}
          onValue={setPassword}
          hint={offer.hasAccount ? 'The one you have here.' : 'At least 10 characters.'}
          autoComplete={offer.hasAccount ? 'current-password' : 'new-password'}
          error={fields.password}
          required
        />
        {wantsCode && (
          <TextField
            label="Code from your authenticator"
            value={code}
            onValue={setCode}
            autoComplete="one-time-code"
            isMono
          />
        )}
        <FormProblem
          error={reason === 'code_required' && code === '' ? null : accept.error}
          shown={['name', 'password']}
        />
        <Button type="submit" look="primary" isBusy={accept.isPending} className="w-full">
          Accept the invitation
        </Button>
      </form>
    </PublicPage>
  );
}
