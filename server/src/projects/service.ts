import type { KeyObject } from 'node:crypto';
import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import { type Permission, ROLE_RIGHTS, type Role } from '@openoms/contract/permissions.ts';
import { type Audit, type Author, type NewAuditEntry, SYSTEM } from '../audit/audit.ts';
import { type ApiKeys, formatApiKey, type Mode, newKeyPair } from '../auth/api-keys.ts';
import { type Database, one, PLATFORM, type Tx, violates } from '../db/database.ts';
import { FIRST_PLACE, type SeedRow, worldOf } from '../db/draws.ts';
import { seedOf, type WorldRow } from '../db/project-clocks.ts';
import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import { hmacSha256 } from '../kernel/crypto.ts';
import { ApiError } from '../kernel/errors.ts';
import { drawnId, ID_BYTES, type Ids } from '../kernel/ids.ts';
import { seededBytes } from '../kernel/random.ts';
import type { Sealers } from '../sealing/sealers.ts';
import type { Treasuries } from '../treasury/service.ts';
import {
  claimName,
  findByOrigin,
  findName,
  findOrganization,
  freeAddressSpace,
  insertClock,
  insertProject,
  listOwnProjects,
  listProjects,
  type OwnProjectRow,
  type ProjectRow,
  renameProject,
} from './store.ts';
import { toConsoleProject } from './view.ts';

/** A project that a request asks for. */
export interface SandboxProjectRequest {
  readonly name: string;
  readonly seed: string | undefined;
  /** Where its clock stands; undefined: it is real time. */
  readonly startsAt: Date | undefined;
  /** The project that asks: the new one is of the same organization. */
  readonly askedBy: string;
  /** Tells the request, and the place in it, from all others: what it has made is not made again. */
  readonly origin: Buffer;
}

/** A project that a member asks for. */
export interface OwnProjectRequest {
  readonly organizationId: string;
  readonly name: string;
  readonly mode: Mode;
  readonly fromFaucet: boolean;
  readonly author: Author;
  /** Throws unless the member may still do it, in the transaction that makes the project. */
  readonly check: (tx: Tx) => Promise<void>;
}

export interface Credentials {
  readonly projectId: string;
  readonly apiKey: string;
  /** Shown once; only its keyed hash is kept. */
  readonly apiSecret: string;
}

export interface ProjectsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly sealers: Sealers;
  readonly apiKeys: ApiKeys;
  readonly treasuries: Treasuries;
  /** Of the secrets of keys that requests make. */
  readonly secretKey: KeyObject;
}

const KEY_BYTES = 16;
const FIRST_KEY = 'first key';
/** Places that an address space may be taken in while it is looked for. */
const MAX_SPACES = 1_000;

/** Tenants. A project is made with its data key and its treasury, and for programs with a first API key, or not at all. */
export class Projects {
  readonly #deps: ProjectsDeps;

  constructor(deps: ProjectsDeps) {
    this.#deps = deps;
  }

  async create(project: { name: string; mode: Mode; fromFaucet: boolean }): Promise<Credentials> {
    const { db, ids, sealers } = this.#deps;
    const credentials = newCredentials(ids.next('project'), project.mode);
    const sealedKey = await sealers.newDataKey(credentials.projectId);
    await db.tx(credentials.projectId, (tx) =>
      this.#insert(tx, { ...project, credentials, sealedKey, projectId: credentials.projectId }),
    );
    return credentials;
  }

  /** Without a key: members make those. Throws 409 when another of the mode has the name. */
  async createOwn(asked: OwnProjectRequest): Promise<string> {
    const { db, ids, sealers, audit, clock } = this.#deps;
    const { name, mode, author, check } = asked;
    const projectId = ids.next('project');
    const sealedKey = await sealers.newDataKey(projectId);
    await db.tx(projectId, async (tx) => {
      if (!(await claimName(tx, asked))) throw nameTaken();
      await this.#insert(tx, { ...asked, projectId, sealedKey });
      await check(tx);
      await audit.recordInOrganization(tx, clock.now(), {
        ...author,
        action: 'project.created',
        resourceId: projectId,
        details: { name, mode },
      });
    });
    return projectId;
  }

  /** Of the organization whose scope the transaction is in. */
  async listOwn(tx: Tx, role: Role): Promise<ConsoleProject[]> {
    return (await listOwnProjects(tx)).map((row) => toConsoleProject(row, ROLE_RIGHTS[role][row.mode]));
  }

  async getOwn(tx: Tx, projectId: string, role: Role): Promise<ConsoleProject> {
    const row = one(await listOwnProjects(tx, projectId), 'a project');
    return toConsoleProject(row, ROLE_RIGHTS[role][row.mode]);
  }

  /** The transaction's project and its counterpart. Throws 409 when another has the name. */
  async rename(tx: Tx, name: string, author: Author): Promise<OwnProjectRow> {
    const { audit, clock } = this.#deps;
    const from = await findName(tx);
    const row = await renameProject(tx, name);
    if (!row) throw nameTaken();
    if (from === name) return row;
    const entry = { ...author, action: 'project.renamed' as const, resourceId: tx.scope };
    await audit.record(tx, { ...entry, details: { from, to: name } });
    await audit.recordInOrganization(tx, clock.now(), { ...entry, details: { from, to: name } });
    return row;
  }

  /** A sandbox project that a request asks for, once. */
  async createSandbox(request: SandboxProjectRequest): Promise<Credentials> {
    const { db } = this.#deps;
    for (let skipped = 0; skipped < MAX_SPACES; skipped++) {
      const made = await db.tx(PLATFORM, (tx) => findByOrigin(tx, request.origin));
      if (made) return this.#withSecret(made.project_id, made.api_key);
      try {
        return await this.#tryCreateSandbox(request, skipped);
      } catch (error) {
        if (!TAKEN.some((constraint) => violates(error, constraint))) throw error;
      }
    }
    throw new Error(`no address space is free for the seed ${request.seed}`);
  }

  /** Throws when the request, or the space of the seed, is another transaction's by now. */
  async #tryCreateSandbox(request: SandboxProjectRequest, skipped: number): Promise<Credentials> {
    const { db, ids, sealers } = this.#deps;
    const world = await this.#worldOf(request, skipped);
    const seed = seedOf(world);
    const projectId = seed && world?.stands_at ? seededProjectId(seed, world.stands_at) : ids.next('project');
    const sealedKey = await sealers.newDataKey(projectId);
    const organizationId = await db.tx(PLATFORM, (tx) => findOrganization(tx, request.askedBy));
    const credentials = await db.tx(
      projectId,
      async (tx) => {
        const own = this.#withSecret(projectId, formatApiKey('sandbox', tx.random.bytes(KEY_BYTES)));
        const project = { ...request, organizationId, mode: 'sandbox' as const, fromFaucet: true };
        await this.#insert(tx, { ...project, projectId, credentials: own, sealedKey, world });
        return own;
      },
      { made: world },
    );
    if (world) db.clocks.learn(projectId);
    if (seed) db.seeds.learn(projectId);
    return credentials;
  }

  /** The clock that the project has from the start; undefined: none. */
  async #worldOf({ seed, startsAt }: SandboxProjectRequest, skipped: number): Promise<WorldRow | undefined> {
    if (!startsAt) return undefined;
    const { db, clock } = this.#deps;
    const space =
      seed === undefined ? null : await db.tx(PLATFORM, (tx) => freeAddressSpace(tx, seed, skipped));
    return {
      stands_at: startsAt,
      offset_ms: 0n,
      set_at: clock.now(),
      epoch: 0n,
      seed: seed ?? null,
      address_space: space,
      drawn: 0n,
      addresses: 0n,
    };
  }

  async #insert(
    tx: Tx,
    project: {
      readonly name: string;
      readonly mode: Mode;
      readonly fromFaucet: boolean;
      readonly projectId: string;
      /** Of its first key; undefined: members make the keys. */
      readonly credentials?: Credentials;
      readonly sealedKey: Buffer;
      readonly origin?: Buffer;
      readonly organizationId?: string;
      readonly author?: Author;
      readonly world?: WorldRow | undefined;
    },
  ): Promise<void> {
    const { clock, audit, treasuries } = this.#deps;
    const { projectId, name, mode, fromFaucet, credentials, sealedKey, origin, organizationId, world } =
      project;
    const author = project.author ?? SYSTEM;
    await insertProject(
      tx,
      { project_id: projectId, name, mode },
      { sealedKey, origin, organizationId, now: clock.now() },
    );
    if (world) await insertClock(tx, world);
    if (credentials) assert(await this.#insertKey(tx, credentials, FIRST_KEY), 'nobody has it');
    await treasuries.open(tx, { fromFaucet });
    await audit.record(
      tx,
      { ...author, action: 'project.created', resourceId: projectId, details: { name, mode } },
      ...(credentials ? [keyCreated(credentials, FIRST_KEY)] : []),
    );
    tx.draws?.skipTo(FIRST_PLACE);
  }

  /**
   * The key pair of a project that a request made. The secret follows from the deployment's own, so that a request whose
   * answer was lost is answered alike; not from the seed, for who knows a seed is not let in.
   */
  #withSecret(projectId: string, apiKey: string): Credentials {
    return { projectId, apiKey, apiSecret: hmacSha256(this.#deps.secretKey, apiKey).toString('hex') };
  }

  /** A further key of a project, for one whose secret is lost. */
  async addKey(project: ProjectRow, name: string): Promise<Credentials> {
    const credentials = newCredentials(project.project_id, project.mode);
    await this.#deps.db.tx(project.project_id, async (tx) => {
      assert(await this.#insertKey(tx, credentials, name), 'nobody has it');
      await this.#deps.audit.record(tx, keyCreated(credentials, name));
    });
    return credentials;
  }

  /** A further key of the transaction's project, which is a sandbox. */
  async createKey(tx: Tx, name: string, author: Author, scopes: readonly Permission[]): Promise<Credentials> {
    const draw = (): Credentials =>
      this.#withSecret(tx.scope, formatApiKey('sandbox', tx.random.bytes(KEY_BYTES)));
    let credentials = draw();
    // One that was revoked stays so: whoever asks gets the next.
    while (!(await this.#insertKey(tx, credentials, name, { createdBy: author.actor, scopes })))
      credentials = draw();
    await this.#deps.audit.record(tx, { ...keyCreated(credentials, name), ...author });
    return credentials;
  }

  list(): Promise<ProjectRow[]> {
    return this.#deps.db.tx(PLATFORM, listProjects);
  }

  /** What the developer of the transaction's project calls it. */
  nameOf(tx: Tx): Promise<string> {
    return findName(tx);
  }

  #insertKey(
    tx: Tx,
    credentials: Credentials,
    name: string,
    made: { readonly createdBy?: string; readonly scopes?: readonly Permission[] } = {},
  ): Promise<boolean> {
    return this.#deps.apiKeys.insert(tx, {
      projectId: credentials.projectId,
      apiKey: credentials.apiKey,
      secret: credentials.apiSecret,
      name,
      createdAt: this.#deps.clock.now(),
      ...made,
    });
  }
}

const nameTaken = (): ApiError =>
  new ApiError(409, 'invalid_state', 'Another project of the organization has this name.');

/** What another project, or the same request elsewhere, may have taken meanwhile. */
const TAKEN = ['projects_pkey', 'projects_origin_key', 'project_clocks_address_space_key'];

/** The same on every instance on which nobody was quicker. */
const seededProjectId = (seed: SeedRow, startsAt: Date): string =>
  drawnId('project', startsAt, { place: 0n, bytes: seededBytes(worldOf(seed), 'project', ID_BYTES) });

/** By whoever is on the server's machine, unless a request asked for it. */
const keyCreated = ({ apiKey }: Credentials, name: string): NewAuditEntry => ({
  ...SYSTEM,
  action: 'apiKey.created',
  resourceId: apiKey,
  details: { name },
});

const newCredentials = (projectId: string, mode: Mode): Credentials => ({ projectId, ...newKeyPair(mode) });
