import type { AuditEntry } from '@openoms/contract/audit-entries.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { AuditEntryRow } from './audit.ts';

export const toAuditEntry = (row: AuditEntryRow): AuditEntry => ({
  id: row.audit_entry_id,
  object: 'auditEntry',
  actor: row.actor,
  action: row.action,
  resourceId: row.resource_id,
  details: row.details,
  requestId: row.request_id,
  position: Number(row.position),
  hash: row.hash.toString('hex'),
  createdAt: toIsoSeconds(row.created_at),
});
