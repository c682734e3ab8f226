import Type, { type Static } from 'typebox';
import { AuditEntry } from '../audit-entries.ts';
import { BEARER_ERRORS, MUTATION_ERRORS } from '../errors.ts';
import {
  Email,
  NullableString,
  NullableTimestamp,
  OneOf,
  PathId,
  RequiredText,
  Text,
  Timestamp,
} from '../fields.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from '../pagination.ts';
import { ORGANIZATION_PERMISSIONS, PERMISSION_NAMES, ROLES } from '../permissions.ts';
import { definePeopleOperation } from './operation.ts';

const MAX_NAME_LENGTH = 100;
const MAX_TOKEN_LENGTH = 200;
/** NIST SP 800-63B: at least 8 characters, at least 64 allowed, no rules of composition. */
export const MIN_PASSWORD_LENGTH = 10;
const MAX_PASSWORD_LENGTH = 200;

const Name = RequiredText(MAX_NAME_LENGTH, { description: 'Free text for people.' });
const NewPassword = Type.String({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH });
const Password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH });
const Mode = OneOf(['sandbox', 'live']);
const Role = OneOf(ROLES);

export const ConsoleProject = Type.Object(
  {
    id: Type.String({ examples: ['prj_01H9Xa…'] }),
    object: Type.Literal('project'),
    name: Type.String(),
    mode: Mode,
    permissions: Type.Array(OneOf(PERMISSION_NAMES), { description: 'What the member may do in it.' }),
    counterpartId: NullableString({
      description: 'The project of the same name in the other mode; null when there is none.',
    }),
    createdAt: Timestamp(),
  },
  { title: 'ConsoleProject' },
);
export type ConsoleProject = Static<typeof ConsoleProject>;

export const Session = Type.Object(
  {
    object: Type.Literal('session'),
    user: Type.Object({
      id: Type.String({ examples: ['usr_01H9Xa…'] }),
      email: Type.String(),
      name: Type.String(),
      hasTotp: Type.Boolean(),
    }),
    organization: Type.Object({ id: Type.String({ examples: ['org_01H9Xa…'] }), name: Type.String() }),
    role: Role,
    permissions: Type.Array(
      OneOf(Object.keys(ORGANIZATION_PERMISSIONS) as (keyof typeof ORGANIZATION_PERMISSIONS)[]),
      { description: 'Of the member, in the organization.' },
    ),
    projects: Type.Array(ConsoleProject),
    /** What the dashboard shows of the instance. */
    instance: Type.Object({
      version: Type.String(),
      apiBaseUrl: Type.String({ description: 'For the curl calls that the dashboard shows.' }),
      isLocalChain: Type.Boolean(),
      explorerUrl: NullableString({
        description: 'Of the chain: `…/tx/` and `…/address/` follow. Null: there is none.',
      }),
    }),
    expiresAt: Timestamp(),
  },
  { title: 'Session' },
);
export type Session = Static<typeof Session>;

const people = { tag: 'Console', idempotency: 'none' } as const;

export const signIn = definePeopleOperation({
  ...people,
  operationId: 'signIn',
  method: 'POST',
  path: '/session',
  summary: 'Sign in',
  description:
    'Sets the session cookie. A wrong address, a wrong password and a wrong code are told alike, and counted per address and per IP.',
  auth: 'none',
  access: 'public',
  body: Type.Object(
    {
      email: Email(),
      password: Password,
      code: Type.Optional(
        Text(20, {
          description: 'Six digits of the authenticator, or a recovery code; for those who have set it up.',
        }),
      ),
    },
    { title: 'SignIn' },
  ),
  success: { status: 200, description: 'The session', schema: Session },
  errors: [...MUTATION_ERRORS, 'invalid_credentials', 'code_required'],
});

export const getSession = definePeopleOperation({
  ...people,
  operationId: 'getSession',
  method: 'GET',
  path: '/session',
  summary: 'Who is signed in, where, and what they may do',
  description:
    'The cookie is renewed while it is used; a session ends 12 hours after its last use, and 7 days after it began.',
  auth: 'session',
  access: 'user',
  success: { status: 200, description: 'The session', schema: Session },
  errors: BEARER_ERRORS,
});

export const signOut = definePeopleOperation({
  ...people,
  operationId: 'signOut',
  method: 'DELETE',
  path: '/session',
  summary: 'Sign out',
  description: 'Ends the session at once, and takes the cookie back.',
  auth: 'session',
  access: 'user',
  success: { status: 204, description: 'Ended' },
  errors: BEARER_ERRORS,
});

export const updateUser = definePeopleOperation({
  ...people,
  operationId: 'updateUser',
  method: 'PATCH',
  path: '/user',
  summary: 'Change your name or password',
  description: 'A new password ends all other sessions of the user.',
  auth: 'session',
  access: 'user',
  body: Type.Object(
    {
      name: Type.Optional(Name),
      password: Type.Optional(Type.Object({ current: Password, new: NewPassword })),
    },
    { title: 'UserUpdate' },
  ),
  success: { status: 200, description: 'The session', schema: Session },
  errors: [...MUTATION_ERRORS, 'invalid_credentials'],
});

export const startTotp = definePeopleOperation({
  ...people,
  operationId: 'startTotp',
  method: 'POST',
  path: '/user/totp',
  summary: 'Begin to set up an authenticator',
  description: 'It is asked for from the first right code on (`confirmTotp`). Repeated, it begins anew.',
  auth: 'session',
  access: 'user',
  success: {
    status: 201,
    description: 'What the authenticator needs',
    schema: Type.Object(
      {
        object: Type.Literal('totp'),
        secret: Type.String({ description: 'Base32.' }),
        uri: Type.String({ description: '`otpauth://…`, for a QR code.' }),
      },
      { title: 'Totp' },
    ),
  },
  errors: [...MUTATION_ERRORS, 'invalid_state'],
});

const Code = Type.String({ pattern: '^[0-9]{6}$' });

export const confirmTotp = definePeopleOperation({
  ...people,
  operationId: 'confirmTotp',
  method: 'POST',
  path: '/user/totp/confirm',
  summary: 'Set up the authenticator',
  description: 'With a code that it shows.',
  auth: 'session',
  access: 'user',
  body: Type.Object({ code: Code }, { title: 'TotpConfirmation' }),
  success: {
    status: 200,
    description: 'Recovery codes, each good for one sign-in; shown this once',
    schema: Type.Object(
      { object: Type.Literal('recoveryCodes'), codes: Type.Array(Type.String()) },
      { title: 'RecoveryCodes' },
    ),
  },
  errors: [...MUTATION_ERRORS, 'invalid_credentials', 'invalid_state'],
});

export const removeTotp = definePeopleOperation({
  ...people,
  operationId: 'removeTotp',
  method: 'POST',
  path: '/user/totp/remove',
  summary: 'Do without the authenticator',
  description: 'With the password.',
  auth: 'session',
  access: 'user',
  body: Type.Object({ password: Password }, { title: 'TotpRemoval' }),
  success: { status: 204, description: 'Removed' },
  errors: [...MUTATION_ERRORS, 'invalid_credentials'],
});

export const Member = Type.Object(
  {
    id: Type.String({ examples: ['usr_01H9Xa…'] }),
    object: Type.Literal('member'),
    email: Type.String(),
    name: Type.String(),
    role: Role,
    hasTotp: Type.Boolean(),
    lastSeenAt: NullableTimestamp(),
    joinedAt: Timestamp(),
  },
  { title: 'Member' },
);
export type Member = Static<typeof Member>;

const MemberParams = Type.Object({ userId: PathId('usr') });

export const listMembers = definePeopleOperation({
  ...people,
  operationId: 'listMembers',
  method: 'GET',
  path: '/members',
  summary: 'List members',
  description: 'Of the organization, in the order in which they joined; at most 500.',
  auth: 'session',
  access: 'see',
  success: {
    status: 200,
    description: 'Members',
    schema: Type.Object({ data: Type.Array(Member) }, { title: 'MemberList' }),
  },
  errors: BEARER_ERRORS,
});

export const updateMember = definePeopleOperation({
  ...people,
  operationId: 'updateMember',
  method: 'PATCH',
  path: '/members/:userId',
  summary: 'Give a member another role',
  description:
    'It counts from the next request on. Only an owner makes or changes an owner; the last owner stays one.',
  auth: 'session',
  access: 'manageMembers',
  params: MemberParams,
  body: Type.Object({ role: Role }, { title: 'MemberUpdate' }),
  success: { status: 200, description: 'The member', schema: Member },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
});

export const removeMember = definePeopleOperation({
  ...people,
  operationId: 'removeMember',
  method: 'DELETE',
  path: '/members/:userId',
  summary: 'Remove a member',
  description: 'Their sessions end at once. Only an owner removes an owner; the last owner stays.',
  auth: 'session',
  access: 'manageMembers',
  params: MemberParams,
  success: { status: 204, description: 'Removed' },
  errors: [...BEARER_ERRORS, 'not_found', 'invalid_state'],
});

export const Invitation = Type.Object(
  {
    id: Type.String({ examples: ['inv_01H9Xa…'] }),
    object: Type.Literal('invitation'),
    email: Type.String(),
    role: Role,
    invitedBy: Type.String({ description: 'Address of the member who did.' }),
    expiresAt: Timestamp(),
    createdAt: Timestamp(),
  },
  { title: 'Invitation' },
);
export type Invitation = Static<typeof Invitation>;

export const listInvitations = definePeopleOperation({
  ...people,
  operationId: 'listInvitations',
  method: 'GET',
  path: '/invitations',
  summary: 'List open invitations',
  description: 'Those that were neither accepted nor withdrawn and have not expired.',
  auth: 'session',
  access: 'see',
  success: {
    status: 200,
    description: 'Invitations',
    schema: Type.Object({ data: Type.Array(Invitation) }, { title: 'InvitationList' }),
  },
  errors: BEARER_ERRORS,
});

export const createInvitation = definePeopleOperation({
  ...people,
  operationId: 'createInvitation',
  method: 'POST',
  path: '/invitations',
  summary: 'Invite somebody',
  description:
    'The link is shown this once, for you to send; it is good for one acceptance within 7 days. A second invitation of an address replaces the first.',
  auth: 'session',
  access: 'manageMembers',
  body: Type.Object({ email: Email(), role: Role }, { title: 'NewInvitation' }),
  success: {
    status: 201,
    description: 'The invitation and its link',
    schema: Type.Object({ invitation: Invitation, url: Type.String() }, { title: 'CreatedInvitation' }),
  },
  errors: [...MUTATION_ERRORS, 'invalid_state'],
});

export const deleteInvitation = definePeopleOperation({
  ...people,
  operationId: 'deleteInvitation',
  method: 'DELETE',
  path: '/invitations/:invitationId',
  summary: 'Withdraw an invitation',
  description: 'Its link leads nowhere from then on.',
  auth: 'session',
  access: 'manageMembers',
  params: Type.Object({ invitationId: PathId('inv') }),
  success: { status: 204, description: 'Withdrawn' },
  errors: [...BEARER_ERRORS, 'not_found'],
});

export const readInvitation = definePeopleOperation({
  ...people,
  operationId: 'readInvitation',
  method: 'POST',
  path: '/invitations/read',
  summary: 'What a link invites to',
  description: 'The token is in the fragment of the link and in no path, so that it stands in no log.',
  auth: 'none',
  access: 'public',
  body: Type.Object({ token: RequiredText(MAX_TOKEN_LENGTH) }, { title: 'InvitationToken' }),
  success: {
    status: 200,
    description: 'The invitation',
    schema: Type.Object(
      {
        email: Type.String(),
        role: Role,
        organizationName: Type.String(),
        hasAccount: Type.Boolean({ description: 'Whether to accept with the password that the user has.' }),
      },
      { title: 'InvitationOffer' },
    ),
  },
  errors: [...MUTATION_ERRORS, 'not_found'],
});

export const acceptInvitation = definePeopleOperation({
  ...people,
  operationId: 'acceptInvitation',
  method: 'POST',
  path: '/invitations/accept',
  summary: 'Accept an invitation',
  description:
    'Makes the user, or lets a user of that address in with the password and code they have, and signs in.',
  auth: 'none',
  access: 'public',
  body: Type.Object(
    {
      token: RequiredText(MAX_TOKEN_LENGTH),
      name: Type.Optional(Name),
      password: NewPassword,
      code: Type.Optional(Text(20)),
    },
    { title: 'InvitationAcceptance' },
  ),
  success: { status: 201, description: 'The session', schema: Session },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_credentials', 'code_required'],
});

export const createProject = definePeopleOperation({
  ...people,
  operationId: 'createProject',
  method: 'POST',
  path: '/projects',
  summary: 'Create a project',
  description:
    'Names are unique in the organization for each mode; a live project of the name of a sandbox one is its counterpart. Live projects settle with the providers of the instance.',
  auth: 'session',
  access: 'manageProjects',
  body: Type.Object({ name: Name, mode: Mode }, { title: 'NewProject' }),
  success: { status: 201, description: 'The project', schema: ConsoleProject },
  errors: [...MUTATION_ERRORS, 'invalid_state'],
});

export const listOrganizationAuditEntries = definePeopleOperation({
  ...people,
  operationId: 'listOrganizationAuditEntries',
  method: 'GET',
  path: '/audit-entries',
  summary: 'List audit entries of the organization',
  description:
    'Sign-ins, members, invitations and projects, newest first; what was done within a project is in the log of the project.',
  auth: 'session',
  access: 'see',
  query: Type.Object({ action: Type.Optional(Text(MAX_NAME_LENGTH)), ...CREATED_QUERY, ...PAGE_QUERY }),
  success: { status: 200, description: 'A page of entries', schema: Page(AuditEntry, 'AuditEntryPage') },
  errors: BEARER_ERRORS,
});
