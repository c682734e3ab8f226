import type { PEOPLE_OPERATIONS, PROJECT_OPERATIONS } from '@openoms/contract/console/operations.ts';
import type { BodyOf, Operation, ParamsOf, QueryOf, ReplyOf } from '@openoms/contract/operation.ts';
import type { OPERATIONS } from '@openoms/contract/operations.ts';

/** The operations of a table by `METHOD /path`, so that a call is written as the contract writes it, and checked by it. */
type ByRoute<Table> = {
  [Id in keyof Table as Table[Id] extends Operation
    ? `${Table[Id]['method']} ${Table[Id]['path']}`
    : never]: Table[Id];
};

/** Of one project: every operation of the API, and those of the console. */
export type ProjectRoutes = ByRoute<Omit<typeof OPERATIONS, 'createToken'> & typeof PROJECT_OPERATIONS>;
export type ProjectRoute = keyof ProjectRoutes & string;

/** About people: session, members, invitations. */
export type PeopleRoutes = ByRoute<typeof PEOPLE_OPERATIONS>;
export type PeopleRoute = keyof PeopleRoutes & string;

/** An input field that is there when the operation has it, and may be left out when nothing in it is required. */
type Field<Name extends string, Value> = [Value] extends [undefined]
  ? { readonly [N in Name]?: undefined }
  : Record<never, never> extends Value
    ? { readonly [N in Name]?: Value }
    : { readonly [N in Name]: Value };

export type InputOf<O> = Field<'params', ParamsOf<O>> & Field<'query', QueryOf<O>> & Field<'body', BodyOf<O>>;

/** The rest parameter of a call: nothing has to be said when the operation asks for nothing. */
export type InputArgs<O> =
  Record<never, never> extends InputOf<O> ? [input?: InputOf<O>] : [input: InputOf<O>];

export type ProjectInput<R extends ProjectRoute> = InputOf<ProjectRoutes[R]>;
export type ProjectReply<R extends ProjectRoute> = ReplyOf<ProjectRoutes[R]>;
export type PeopleInput<R extends PeopleRoute> = InputOf<PeopleRoutes[R]>;
export type PeopleReply<R extends PeopleRoute> = ReplyOf<PeopleRoutes[R]>;

/** Routes that answer pages by cursor, and what a page holds. */
export type PagedProjectRoute = {
  [R in ProjectRoute]: ProjectReply<R> extends { data: unknown[]; hasMore: boolean } ? R : never;
}[ProjectRoute];
export type PagedPeopleRoute = {
  [R in PeopleRoute]: PeopleReply<R> extends { data: unknown[]; hasMore: boolean } ? R : never;
}[PeopleRoute];
export type ItemOf<R extends PagedProjectRoute> =
  ProjectReply<R> extends { data: (infer Item)[] } ? Item : never;

/** What every call is at run time, whatever its types. */
export interface AnyInput {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}
