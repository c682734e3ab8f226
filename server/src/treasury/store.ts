import type { Tx } from '../db/database.ts';

export interface TreasuryRow {
  network: 'polygon';
  address: string;
  key_index: bigint;
}

export async function insertTreasury(tx: Tx, row: TreasuryRow, createdAt: Date): Promise<void> {
  await tx.query(
    'insert into treasuries (project_id, network, address, key_index, created_at) values ($1, $2, $3, $4, $5)',
    [tx.scope, row.network, row.address, row.key_index, createdAt],
  );
}

export async function findTreasury(tx: Tx): Promise<TreasuryRow | undefined> {
  const [row] = await tx.query<TreasuryRow>(
    `select network, address, key_index from treasuries where project_id = $1 and network = 'polygon'`,
    [tx.scope],
  );
  return row;
}
