import type { Tx } from '../db/database.ts';

/** What people call the owners of accounts: customers by their wallets, deposit addresses and themselves. */
export async function ownerNames(tx: Tx, owners: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ owner: string; name: string | null }>(
    `with owners as (
       select wallet_id owner, customer_id from wallets where project_id = $1 and wallet_id = any($2)
       union all
       select deposit_address_id, customer_id from deposit_addresses
       where project_id = $1 and deposit_address_id = any($2)
       union all
       select customer_id, customer_id from customers where project_id = $1 and customer_id = any($2))
     select o.owner, nullif(concat_ws(' ', c.first_name, c.last_name), '') "name"
     from owners o join customers c on c.project_id = $1 and c.customer_id = o.customer_id`,
    [tx.scope, owners],
  );
  return new Map(rows.flatMap(({ owner, name }) => (name === null ? [] : [[owner, name] as const])));
}
