import type { SandboxSnapshot, SandboxWorld } from '@openoms/contract/sandbox-world.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { ChangeRow, SnapshotRow } from './store.ts';

export const toWorld = (change: ChangeRow, now: Date): SandboxWorld => ({
  object: 'sandboxWorld',
  change: change.kind === 'restore' ? 'restore' : 'reset',
  snapshot: change.snapshot_name,
  rows: Number(change.row_count ?? 0n),
  now: toIsoSeconds(now),
});

export const toSnapshot = (row: SnapshotRow): SandboxSnapshot => ({
  object: 'sandboxSnapshot',
  name: row.name,
  rows: Number(row.row_count),
  isRestorable: row.is_restorable,
  createdAt: toIsoSeconds(row.created_at),
});
