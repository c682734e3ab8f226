import { type Tx, toJsonRows } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';
import type { Ids, Timeline } from '../kernel/ids.ts';

export type AuditAction =
  | 'project.created'
  | 'project.renamed'
  | 'apiKey.created'
  | 'apiKey.revoked'
  | 'settings.updated'
  | 'webhook.created'
  | 'webhook.updated'
  | 'webhook.deleted'
  | 'webhook.disabled'
  | 'webhook.secretRotated'
  | 'webhook.tested'
  | 'webhook.replayed'
  | 'webhook.deliveryRetried'
  | 'sandbox.reset'
  | 'sandbox.snapshotTaken'
  | 'sandbox.snapshotDeleted'
  | 'sandbox.restored'
  | 'user.created'
  | 'user.signedIn'
  | 'user.signInFailed'
  | 'user.signedOut'
  | 'user.updated'
  | 'user.passwordChanged'
  | 'user.totpConfirmed'
  | 'user.totpRemoved'
  | 'user.passwordReset'
  | 'member.joined'
  | 'member.roleChanged'
  | 'member.removed'
  | 'invitation.created'
  | 'invitation.withdrawn';

export type Actor = `apiKey:${string}` | `user:${string}` | 'system';

/** Who does something, and in which request. */
export interface Author {
  /** `apiKey:` and the key, `user:` and the user, or `system`. */
  readonly actor: Actor;
  readonly requestId?: string;
}

/** The server by itself: a worker, or a command on its machine. */
export const SYSTEM: Author = { actor: 'system' };

/** Of a request; a handler's caller has both. */
export const byCaller = ({ actor, requestId }: Required<Author>): Author => ({ actor, requestId });

export interface NewAuditEntry extends Author {
  readonly action: AuditAction;
  readonly resourceId: string;
  /** What was done, as JSON; never a secret, and of a URL no more than its origin: paths have tokens. */
  readonly details?: object;
}

export interface AuditEntryRow {
  audit_entry_id: string;
  position: bigint;
  actor: string;
  action: string;
  resource_id: string;
  details: Record<string, unknown>;
  request_id: string | null;
  created_at: Date;
  hash: Buffer;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/**
 * Who changed what: a part of the commit that changes it, and only ever added to. Each entry has the hash of the one
 * before in its own, so that nobody takes one out unseen (server/migrations/0022, audit_append).
 */
export class Audit {
  readonly #ids: Ids;

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /**
   * Adds entries in order. The project's last entry is locked until the commit: record after whatever else is locked,
   * so that two commits cannot wait for each other.
   */
  async record(tx: Tx, ...entries: readonly NewAuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = this.#rowsOf(entries, tx);
    await tx.query('select audit_append($1, $2::jsonb, $3)', [tx.scope, toJsonRows(rows), tx.now()]);
  }

  /** The same in the log of the organization that the transaction's project is of, by the time of the server. */
  async recordInOrganization(tx: Tx, now: Date, ...entries: readonly NewAuditEntry[]): Promise<void> {
    await tx.query('select audit_append_to_organization($1::jsonb, $2)', [
      toJsonRows(this.#rowsOf(entries)),
      now,
    ]);
  }

  #rowsOf(entries: readonly NewAuditEntry[], line?: Timeline) {
    return entries.map(({ actor, requestId, action, resourceId, details }) => ({
      audit_entry_id: this.#ids.next('auditEntry', line),
      actor,
      action,
      resource_id: resourceId,
      details: details ?? {},
      request_id: requestId ?? null,
    }));
  }

  list(tx: Tx, filter: AuditFilter, page: PageRequest): Promise<{ rows: AuditEntryRow[]; hasMore: boolean }> {
    return selectPage<AuditEntryRow>(
      tx,
      `select audit_entry_id, position, actor, action, resource_id, details, request_id, created_at, hash
       from audit_entries`,
      'audit_entry_id',
      [
        ['action = ?', filter.action],
        ['resource_id = ?', filter.resourceId],
        ...createdWithin('auditEntry', 'audit_entry_id', filter),
      ],
      page,
    );
  }
}
