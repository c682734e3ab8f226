import { randomBytes } from 'node:crypto';
import { type Audit, type NewAuditEntry, SYSTEM } from '../audit/audit.ts';
import { type ApiKeys, formatApiKey, type Mode } from '../auth/api-keys.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Sealers } from '../sealing/sealers.ts';
import type { Treasuries } from '../treasury/service.ts';
import { findName, insertProject, listProjects, type ProjectRow } from './store.ts';

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
}

const KEY_BYTES = 16;
const SECRET_BYTES = 32;
const FIRST_KEY = 'first key';

/** Tenants. A project is made with its data key, its first API key and its treasury, or not at all. */
export class Projects {
  readonly #deps: ProjectsDeps;

  constructor(deps: ProjectsDeps) {
    this.#deps = deps;
  }

  async create(project: { name: string; mode: Mode; fromFaucet: boolean }): Promise<Credentials> {
    const { db, clock, ids, audit, sealers, treasuries } = this.#deps;
    const credentials = newCredentials(ids.next('project'), project.mode);
    const sealedKey = await sealers.newDataKey(credentials.projectId);
    await db.tx(credentials.projectId, async (tx: Tx) => {
      const row: ProjectRow = { project_id: credentials.projectId, name: project.name, mode: project.mode };
      await insertProject(tx, row, sealedKey, clock.now());
      await this.#insertKey(tx, credentials, FIRST_KEY);
      await treasuries.open(tx, { fromFaucet: project.fromFaucet });
      const { projectId: resourceId } = credentials;
      const { name, mode } = project;
      await audit.record(
        tx,
        { ...SYSTEM, action: 'project.created', resourceId, details: { name, mode } },
        keyCreated(credentials, FIRST_KEY),
      );
    });
    return credentials;
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

/** Keys are made on the server's machine. */
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
