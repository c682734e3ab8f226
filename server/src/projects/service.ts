import { type KeyObject, randomBytes } from 'node:crypto';
import { type Audit, type Author, type NewAuditEntry, SYSTEM } from '../audit/audit.ts';
import { type ApiKeys, formatApiKey, type Mode } from '../auth/api-keys.ts';
import { type Database, PLATFORM, type Tx, violates } from '../db/database.ts';
import { FIRST_PLACE, type SeedRow, worldOf } from '../db/draws.ts';
import { seedOf, type WorldRow } from '../db/project-clocks.ts';
import type { Clock } from '../kernel/clock.ts';
import { hmacSha256 } from '../kernel/crypto.ts';
import { drawnId, ID_BYTES, type Ids } from '../kernel/ids.ts';
import { seededBytes } from '../kernel/random.ts';
import type { Sealers } from '../sealing/sealers.ts';
import type { Treasuries } from '../treasury/service.ts';
import {
  findByOrigin,
  findName,
  freeAddressSpace,
  insertClock,
  insertProject,
  listProjects,
  type ProjectRow,
} from './store.ts';

/** A project that a request asks for. */
export interface SandboxProjectRequest {
  readonly name: string;
  readonly seed: string | undefined;
  /** Where its clock stands; undefined: it is real time. */
  readonly startsAt: Date | undefined;
  /** Tells the request, and the place in it, from all others: what it has made is not made again. */
  readonly origin: Buffer;
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
const SECRET_BYTES = 32;
const FIRST_KEY = 'first key';
/** Places that an address space may be taken in while it is looked for. */
const MAX_SPACES = 1_000;

/** Tenants. A project is made with its data key, its first API key and its treasury, or not at all. */
export class Projects {
  readonly #deps: ProjectsDeps;

  constructor(deps: ProjectsDeps) {
    this.#deps = deps;
  }

  async create(project: { name: string; mode: Mode; fromFaucet: boolean }): Promise<Credentials> {
    const { db, ids, sealers } = this.#deps;
    const credentials = newCredentials(ids.next('project'), project.mode);
    const sealedKey = await sealers.newDataKey(credentials.projectId);
    await db.tx(credentials.projectId, (tx) => this.#insert(tx, { ...project, credentials, sealedKey }));
    return credentials;
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
    const credentials = await db.tx(
      projectId,
      async (tx) => {
        const own = this.#withSecret(projectId, formatApiKey('sandbox', tx.random.bytes(KEY_BYTES)));
        const project = { ...request, mode: 'sandbox' as const, fromFaucet: true };
        await this.#insert(tx, { ...project, credentials: own, sealedKey, world });
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
      readonly credentials: Credentials;
      readonly sealedKey: Buffer;
      readonly origin?: Buffer;
      readonly world?: WorldRow | undefined;
    },
  ): Promise<void> {
    const { clock, audit, treasuries } = this.#deps;
    const { name, mode, fromFaucet, credentials, sealedKey, origin, world } = project;
    const { projectId } = credentials;
    await insertProject(tx, { project_id: projectId, name, mode }, { sealedKey, origin, now: clock.now() });
    if (world) await insertClock(tx, world);
    await this.#insertKey(tx, credentials, FIRST_KEY);
    await treasuries.open(tx, { fromFaucet });
    await audit.record(
      tx,
      { ...SYSTEM, action: 'project.created', resourceId: projectId, details: { name, mode } },
      keyCreated(credentials, FIRST_KEY),
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
      await this.#insertKey(tx, credentials, name);
      await this.#deps.audit.record(tx, keyCreated(credentials, name));
    });
    return credentials;
  }

  /** A further key of the transaction's project, which is a sandbox. */
  async createKey(tx: Tx, name: string, author: Author): Promise<Credentials> {
    const credentials = this.#withSecret(tx.scope, formatApiKey('sandbox', tx.random.bytes(KEY_BYTES)));
    await this.#insertKey(tx, credentials, name);
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

  #insertKey(tx: Tx, credentials: Credentials, name: string): Promise<void> {
    return this.#deps.apiKeys.insert(tx, {
      projectId: credentials.projectId,
      apiKey: credentials.apiKey,
      secret: credentials.apiSecret,
      name,
      createdAt: this.#deps.clock.now(),
    });
  }
}

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

const newCredentials = (projectId: string, mode: Mode): Credentials => ({
  projectId,
  apiKey: formatApiKey(mode, randomBytes(KEY_BYTES)),
  apiSecret: randomBytes(SECRET_BYTES).toString('hex'),
});
