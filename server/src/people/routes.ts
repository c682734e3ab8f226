import * as contract from '@openoms/contract/console/people.ts';
import type { Audit } from '../audit/audit.ts';
import { toAuditEntry } from '../audit/view.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import {
  memberRoute,
  type PeopleRoute,
  preparedMemberRoute,
  publicRoute,
  WithCookie,
} from '../http/people-operation.ts';
import type { People } from './service.ts';
import { toInvitation, toMember } from './view.ts';

/** A fragment is sent to no server and stands in no log. */
const INVITATION_PATH = '/dashboard/invitation#';

export const peopleRoutes = (people: People, audit: Audit): readonly PeopleRoute[] => [
  ...sessionRoutes(people),
  ...accountRoutes(people),
  ...memberRoutes(people),
  ...invitationRoutes(people),
  memberRoute(contract.listOrganizationAuditEntries, async (tx, { query }) => {
    const filter = { action: query.action, ...toCreatedRange(query) };
    const { rows, hasMore } = await audit.list(tx, filter, toPageRequest(query));
    return toPage({ items: rows.map(toAuditEntry), hasMore });
  }),
];

const sessionRoutes = (people: People): readonly PeopleRoute[] => [
  publicRoute(
    contract.signIn,
    ({ body }, visitor) => people.signIn.identify(body, visitor),
    async (tx, _request, visitor, identified) => {
      const { session, token } = await people.signIn.open(tx, identified, visitor);
      return new WithCookie(await people.sessionOf(tx, session, visitor.origin), token);
    },
  ),
  memberRoute(contract.getSession, (tx, _request, { session, origin }) =>
    people.sessionOf(tx, session, origin),
  ),
  memberRoute(contract.signOut, async (tx, _request, person) => {
    await people.signOut(tx, person);
    return new WithCookie(undefined, undefined);
  }),
];

const accountRoutes = (people: People): readonly PeopleRoute[] => [
  preparedMemberRoute(
    contract.updateUser,
    ({ body }, person) => people.account.prepareChange(body, person),
    async (tx, _request, person, change) => {
      await people.account.change(tx, change, person);
      return people.sessionOf(tx, person.session, person.origin);
    },
  ),
  preparedMemberRoute(
    contract.startTotp,
    (_request, person) => people.account.newAuthenticator(person),
    (tx, _request, person, made) => people.account.startTotp(tx, made, person),
  ),
  preparedMemberRoute(
    contract.confirmTotp,
    ({ body }, person) => people.account.checkFirstCode(body.code, person),
    (tx, _request, person, checked) => people.account.confirmTotp(tx, checked, person),
  ),
  preparedMemberRoute(
    contract.removeTotp,
    ({ body }, person) => people.account.checkPassword(body.password, person),
    (tx, _request, person) => people.account.removeTotp(tx, person),
  ),
];

const memberRoutes = ({ members }: People): readonly PeopleRoute[] => [
  memberRoute(contract.listMembers, async (tx) => ({ data: (await members.list(tx)).map(toMember) })),
  memberRoute(contract.updateMember, async (tx, { params, body }, person) =>
    toMember(await members.changeRole(tx, params.userId, body.role, person)),
  ),
  memberRoute(contract.removeMember, (tx, { params }, person) => members.remove(tx, params.userId, person)),
];

const invitationRoutes = (people: People): readonly PeopleRoute[] => [
  memberRoute(contract.listInvitations, async (tx) => ({
    data: (await people.invitations.list(tx)).map(toInvitation),
  })),
  memberRoute(contract.createInvitation, async (tx, { body }, person) => {
    const { row, token } = await people.invitations.create(tx, body, person);
    return { invitation: toInvitation(row), url: person.origin + INVITATION_PATH + token };
  }),
  memberRoute(contract.deleteInvitation, (tx, { params }, person) =>
    people.invitations.withdraw(tx, params.invitationId, person),
  ),
  publicRoute(
    contract.readInvitation,
    async ({ body }) => {
      const offer = await people.invitations.offer(body.token);
      return { offer, organizationId: offer.organization_id };
    },
    async (_tx, _request, _visitor, { offer }) => ({
      email: offer.email,
      role: offer.role,
      organizationName: offer.organization_name,
      hasAccount: offer.has_account,
    }),
  ),
  publicRoute(
    contract.acceptInvitation,
    ({ body }, visitor) => people.invitations.welcome(body, visitor),
    async (tx, _request, visitor, guest) => {
      const { session, token } = await people.invitations.accept(tx, guest, visitor);
      return new WithCookie(await people.sessionOf(tx, session, visitor.origin), token);
    },
  ),
];
