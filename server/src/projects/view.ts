import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import type { Permission } from '@openoms/contract/permissions.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { OwnProjectRow } from './store.ts';

export const toConsoleProject = (row: OwnProjectRow, permissions: readonly Permission[]): ConsoleProject => ({
  id: row.project_id,
  object: 'project',
  name: row.name,
  mode: row.mode,
  permissions: [...permissions],
  counterpartId: row.counterpart_id,
  createdAt: toIsoSeconds(row.created_at),
});
