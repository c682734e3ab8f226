import { listAuditEntries } from '@openoms/contract/audit-entries.ts';
import type { Audit } from '../audit/audit.ts';
import { toAuditEntry } from '../audit/view.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';

export const auditEntryRoutes = (audit: Audit): readonly Route[] => [
  route(listAuditEntries, async (tx, { query }) => {
    const filter = {
      action: query.action,
      resourceId: query.resource,
      ...toCreatedRange(query),
    };
    const { rows, hasMore } = await audit.list(tx, filter, toPageRequest(query));
    return toPage({ items: rows.map(toAuditEntry), hasMore });
  }),
];
