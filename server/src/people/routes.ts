import * as contract from '@openoms/contract/console/people.ts';
import { memberRoute, type PeopleRoute, publicRoute, WithCookie } from '../http/people-operation.ts';
import type { People } from './service.ts';

export const peopleRoutes = (people: People): readonly PeopleRoute[] => [
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
