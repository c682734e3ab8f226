import type { Invitation, Member } from '@openoms/contract/console/people.ts';
import { ROLES, type Role } from '@openoms/contract/permissions.ts';
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { peopleQuery, usePeopleWrite } from '../../api/queries.ts';
import { type May, useMayOrganize, useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Select } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { membersQuery } from './member-name.tsx';
import { RoleTable } from './role-table.tsx';

const invitationsQuery = peopleQuery('GET /invitations');

export const prefetch = (client: QueryClient) =>
  Promise.all([client.prefetchQuery(membersQuery), client.prefetchQuery(invitationsQuery)]);

export function Page() {
  const members = useQuery(membersQuery);
  const [{ dialog, member }, setState] = useUrlState();
  const may = useMayOrganize('manageMembers');
  const close = (): void => setState({ dialog: undefined, member: undefined });
  const toRemove = dialog === 'remove' ? members.data?.data.find(({ id }) => id === member) : undefined;
  return (
    <>
      <PageHeader
        title="Members"
        note="Who may see and change this organization and its projects. A role counts from the next request on."
        actions={
          <Button
            look="primary"
            icon={<UserPlus size={14} aria-hidden />}
            may={may}
            onClick={() => setState({ dialog: 'invite' })}
          >
            Invite
          </Button>
        }
      />
      <div className="grid gap-5">
        <Panel isFlush>
          <Table
            label="Members"
            rows={members.data?.data}
            error={members.error}
            onRetry={() => void members.refetch()}
            keyOf={({ id }) => id}
            columns={memberColumns(may, (id) => setState({ dialog: 'remove', member: id }))}
            empty={<EmptyState title="There is nobody" />}
          />
        </Panel>
        <Invitations may={may} />
        <RoleTable />
      </div>
      {dialog === 'invite' && may.allowed && <InviteDialog onClose={close} />}
      {toRemove && <RemoveDialog member={toRemove} onClose={close} />}
    </>
  );
}

function memberColumns(may: May, onRemove: (id: string) => void): readonly Column<Member>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      width: 'minmax(0,1.6fr)',
      sortBy: ({ name, email }) => (name || email).toLowerCase(),
      cell: ({ name, email }) => (
        <span className="block py-1.5">
          <span className="block truncate font-medium">{name || email}</span>
          <span className="block truncate text-xs text-muted">{email}</span>
        </span>
      ),
    },
    { id: 'role', label: 'Role', width: '148px', cell: (member) => <RoleSelect member={member} may={may} /> },
    {
      id: 'totp',
      label: 'Authenticator',
      width: '112px',
      cell: ({ hasTotp }) =>
        hasTotp ? <Badge tone="done">On</Badge> : <span className="text-muted">Off</span>,
    },
    {
      id: 'seen',
      label: 'Last seen',
      width: '104px',
      sortBy: ({ lastSeenAt }) => lastSeenAt ?? '',
      cell: ({ lastSeenAt }) =>
        lastSeenAt === null ? <span className="text-muted">Never</span> : <Time at={lastSeenAt} />,
    },
    { id: 'joined', label: 'Joined', width: '104px', cell: ({ joinedAt }) => <Time at={joinedAt} /> },
    {
      id: 'actions',
      label: '',
      width: '92px',
      align: 'end',
      cell: ({ id, name, email }) => (
        <Button
          size="sm"
          look="danger"
          may={may}
          aria-label={`Remove ${name || email}`}
          onClick={() => onRemove(id)}
        >
          Remove
        </Button>
      ),
    },
  ];
}

function RoleSelect({ member, may }: { readonly member: Member; readonly may: May }) {
  const { role: own } = useSession();
  const update = usePeopleWrite('PATCH /members/:userId', { done: 'The role is changed' });
  const isOff = !may.allowed || (member.role === 'owner' && own !== 'owner');
  if (isOff) return <span className="capitalize">{member.role}</span>;
  return (
    <Select
      label={`Role of ${member.name || member.email}`}
      isLabelHidden
      options={ROLES.filter((role) => role !== 'owner' || own === 'owner').map((role) => ({
        value: role,
        label: role.charAt(0).toUpperCase() + role.slice(1),
      }))}
      value={member.role}
      disabled={update.isPending}
      onValue={(role: Role) => update.mutate({ params: { userId: member.id }, body: { role } })}
    />
  );
}

function RemoveDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const remove = usePeopleWrite('DELETE /members/:userId', {
    showsProblem: true,
    done: `${member.name || member.email} is removed`,
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Remove ${member.name || member.email}?`}
      action="Remove member"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ params: { userId: member.id } })}
    >
      Their sessions end at once. API keys that they made go on working; revoke those that should not.
    </ConfirmDialog>
  );
}

function Invitations({ may }: { readonly may: May }) {
  const { data, error, refetch } = useQuery(invitationsQuery);
  const withdraw = usePeopleWrite('DELETE /invitations/:invitationId', {
    done: 'The invitation is withdrawn',
  });
  const columns: readonly Column<Invitation>[] = [
    { id: 'email', label: 'Invited', width: 'minmax(0,1.6fr)', cell: ({ email }) => email },
    {
      id: 'role',
      label: 'Role',
      width: '148px',
      cell: ({ role }) => <span className="capitalize">{role}</span>,
    },
    { id: 'by', label: 'By', width: 'minmax(0,1fr)', cell: ({ invitedBy }) => invitedBy },
    { id: 'expires', label: 'Expires', width: '104px', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
    {
      id: 'actions',
      label: '',
      width: '92px',
      align: 'end',
      cell: ({ id, email }) => (
        <Button
          size="sm"
          may={may}
          aria-label={`Withdraw the invitation of ${email}`}
          isBusy={withdraw.isPending && withdraw.variables?.params.invitationId === id}
          onClick={() => withdraw.mutate({ params: { invitationId: id } })}
        >
          Withdraw
        </Button>
      ),
    },
  ];
  if (data?.data.length === 0) return null;
  return (
    <Panel title="Open invitations" isFlush>
      <Table
        label="Open invitations"
        rows={data?.data}
        error={error}
        onRetry={() => void refetch()}
        keyOf={({ id }) => id}
        columns={columns}
        empty={null}
      />
    </Panel>
  );
}
