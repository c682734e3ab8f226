import type { PeopleOperation } from '@openoms/contract/console/operation.ts';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { Role } from '@openoms/contract/permissions.ts';
import type { Session } from '../auth/sessions.ts';
import type { Tx } from '../db/database.ts';

/** Whoever sends a request to the console. */
export interface Visitor {
  readonly requestId: string;
  /** Of the network it comes from. */
  readonly ip: string;
  /** Where the visitor has the server: `https://oms.example.com`. */
  readonly origin: string;
}

/** A member who is signed in, with the role by the state of the transaction. */
export interface Person extends Visitor {
  readonly session: Session;
  readonly userId: string;
  readonly organizationId: string;
  readonly role: Role;
  readonly actor: `user:${string}`;
}

/** The same before the transaction: the role is not looked up yet. */
export type ArrivedPerson = Omit<Person, 'role'>;

interface PeopleRequest<O extends PeopleOperation> {
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
}

type Answer<O extends PeopleOperation> = ReplyOf<O> extends undefined ? undefined : ReplyOf<O>;

/** A reply that gives the visitor a session's cookie, or takes it back. */
export class WithCookie<T> {
  readonly body: T;
  readonly token: string | undefined;

  constructor(body: T, token: string | undefined) {
    this.body = body;
    this.token = token;
  }
}

/** As of `Handler`. */
type PeopleReply<O extends PeopleOperation> =
  | Promise<WithCookie<Answer<O>>>
  | (ReplyOf<O> extends undefined ? Promise<void> : Promise<ReplyOf<O>>);

/** An operation about people with its handler. `handle` runs in the scope of the organization. */
export interface PeopleRoute {
  readonly operation: PeopleOperation;
  /** Runs before the transaction: what takes long, or is asked in another scope. A public operation's says the scope. */
  readonly prepare?: (request: never, visitor: never) => Promise<unknown>;
  readonly handle: (tx: Tx, request: never, visitor: never, prepared: never) => Promise<unknown>;
}

/** Where a public operation does what it does. */
export interface Entry {
  readonly organizationId: string;
}

/** For members who are signed in. */
export const memberRoute = <O extends PeopleOperation>(
  operation: O,
  handle: (tx: Tx, request: PeopleRequest<O>, person: Person) => PeopleReply<O>,
): PeopleRoute => ({ operation, handle });

/** The same for an operation that does something before its transaction: a hash of a password, a project. */
export const preparedMemberRoute = <O extends PeopleOperation, P>(
  operation: O,
  prepare: (request: PeopleRequest<O>, person: ArrivedPerson) => Promise<P>,
  handle: (tx: Tx, request: PeopleRequest<O>, person: Person, prepared: P) => PeopleReply<O>,
): PeopleRoute => ({ operation, prepare, handle });

/** For anybody: what lets them in is found before the transaction, and says in which organization. */
export const publicRoute = <O extends PeopleOperation, E extends Entry>(
  operation: O,
  prepare: (request: PeopleRequest<O>, visitor: Visitor) => Promise<E>,
  handle: (tx: Tx, request: PeopleRequest<O>, visitor: Visitor, entry: E) => PeopleReply<O>,
): PeopleRoute => ({ operation, prepare, handle });
