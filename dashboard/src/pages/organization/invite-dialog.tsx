import { ROLE_RIGHTS, ROLES, type Role } from '@openoms/contract/permissions.ts';
import { useState } from 'react';
import { usePeopleWrite } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { RadioGroup } from '../../components/choice.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { role: own } = useSession();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('developer');
  const invite = usePeopleWrite('POST /invitations', { showsProblem: true });
  if (invite.data)
    return (
      <Dialog isOpen onClose={onClose} title={`The link for ${invite.data.invitation.email}`}>
        <SecretOnce
          label="Invitation link"
          secret={invite.data.url}
          note="Send it to them yourself: whoever has it can accept, once, within 7 days."
        />
        <Actions>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </Actions>
      </Dialog>
    );
  const { fields = {} } = invite.error ?? {};
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Invite somebody"
      note="You get a link to send; the server sends no mail."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate({ body: { email, role } });
        }}
      >
        <TextField
          label="Email"
          type="email"
          value={email}
          onValue={setEmail}
          error={fields.email}
          required
        />
        <RadioGroup
          label="Role"
          name="role"
          value={role}
          onValue={setRole}
          options={ROLES.filter((each) => each !== 'owner' || own === 'owner').map((each) => ({
            value: each,
            label: each.charAt(0).toUpperCase() + each.slice(1),
            hint: ROLE_RIGHTS[each].summary,
          }))}
        />
        <FormProblem error={invite.error} shown={['email']} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={invite.isPending}>
            Make the link
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
