import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { usePeopleWrite } from '../../api/queries.ts';
import { sessionQuery, useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Id } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Time } from '../../components/time.tsx';
import { currentTheme, setTheme } from '../../shell/theme.ts';
import { Authenticator } from './authenticator.tsx';

export function Page() {
  const { user, organization, role, expiresAt, instance } = useSession();
  return (
    <>
      <PageHeader title="Account" note={user.email} />
      <div className="grid max-w-3xl gap-5">
        <Panel title="You">
          <NameForm />
        </Panel>
        <Panel title="Password">
          <PasswordForm />
        </Panel>
        <Panel title="Authenticator">
          <Authenticator />
        </Panel>
        <Panel title="Theme">
          <ThemeChoice />
        </Panel>
        <Panel title="Session">
          <DescriptionList
            items={[
              ['User', <Id key="user" id={user.id} />],
              ['Organization', organization.name],
              [
                'Role',
                <span key="role" className="capitalize">
                  {role}
                </span>,
              ],
              ['Ends', <Time key="ends" at={expiresAt} show="absolute" />],
              ['OpenOMS', instance.version],
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function useUpdateUser(done: string, onDone?: () => void) {
  const client = useQueryClient();
  return usePeopleWrite('PATCH /user', {
    showsProblem: true,
    done,
    onDone: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone?.();
    },
  });
}

function NameForm() {
  const { user } = useSession();
  const [name, setName] = useState(user.name);
  const update = useUpdateUser('Your name is changed');
  return (
    <form
      className="grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ body: { name } });
      }}
    >
      <TextField
        label="Name"
        value={name}
        onValue={setName}
        autoComplete="name"
        error={update.error?.fields.name}
        maxLength={100}
        required
      />
      <FormProblem error={update.error} shown={['name']} />
      <div>
        <Button type="submit" isBusy={update.isPending}>
          Save name
        </Button>
      </div>
    </form>
  );
}

function PasswordForm() {
  const { user } = useSession();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const update = useUpdateUser('Your password is changed; your other sessions have ended', () => {
    setCurrent('');
    setNext('');
  });
  const { fields = {} } = update.error ?? {};
  return (
    <form
      className="grid max-w-md gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ body: { password: { current, new: next } } });
      }}
    >
      <input type="email" name="email" value={user.email} autoComplete="username" readOnly hidden />
      <TextField
        label="Current password"
        type="password"
        value={current}
        onValue={setCurrent}
        autoComplete="current-password"
        error={fields['password.current']}
        required
      />
      <TextField
        label="New password"
        hint="At least 10 characters. It ends all your other sessions."
        type="password"
        value={next}
        onValue={setNext}
        autoComplete="new-password"
        error={fields['password.new']}
        required
      />
      <FormProblem error={update.error} shown={['password.current', 'password.new']} />
      <div>
        <Button type="submit" isBusy={update.isPending}>
          Change password
        </Button>
      </div>
    </form>
  );
}

function ThemeChoice() {
  const [theme, setShown] = useState(currentTheme);
  return (
    <RadioGroup
      label="Colours"
      name="theme"
      value={theme}
      onValue={(next) => {
        setTheme(next);
        setShown(next);
      }}
      options={[
        { value: 'system', label: 'As the system' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  );
}
