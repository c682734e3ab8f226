import type { ChainOptions } from '../../src/chain/chain.ts';
import { POLYGON_RELAYER, type RelayerSettings } from '../../src/chain/relayer/fees.ts';
import type { SettlementHandlers } from '../../src/chain/sends.ts';
import { MULTICALL3, USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { VaultClient } from '../../src/chain/vault/client.ts';
import { Database, type Tx } from '../../src/db/database.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { TypeIds } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';

/** What the settlement under test was told, written in the transaction that tells it: one row per send, or a defect. */
export const OUTCOMES_TABLE = `
  create table drill_outcomes (send_id text not null, outcome text not null);
  grant select, insert on drill_outcomes to oms_app`;

const nothing = async (): Promise<void> => undefined;

async function record(tx: Tx, outcome: string, sends: readonly { readonly sendId: string }[]): Promise<void> {
  await tx.query('insert into drill_outcomes select id, $1 from unnest($2::text[]) as told (id)', [
    outcome,
    sends.map(({ sendId }) => sendId),
  ]);
}

const recordOutcomes: SettlementHandlers = {
  sendsPaid: (tx, sends) => record(tx, 'paid', sends),
  sendsFailed: (tx, sends) => record(tx, 'failed', sends),
  depositsDetected: nothing,
  depositsCredited: nothing,
  depositsOrphaned: nothing,
};

/** Two accounts and small batches: a handful of sends is several transactions of both. */
const SETTINGS: RelayerSettings = {
  ...POLYGON_RELAYER,
  relayers: 2,
  maxBatch: 4,
  pollMs: 20,
  leaseMs: 1_000,
};

const MAX_CONNECTIONS = 10;
/** As in production: a machine with much else to do may take seconds to derive the bed's addresses. */
const VAULT_TIMEOUT_MS = 10_000;

/** Settlement as production wires it, in whatever process it runs. */
export function chainOptions(parts: {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly socketPath: string;
  readonly clock: Clock;
}): ChainOptions {
  const { databaseUrl, rpcUrl, socketPath, clock } = parts;
  return {
    db: new Database(databaseUrl, { maxConnections: MAX_CONNECTIONS, clock, log: silentLogger }),
    clock,
    ids: new TypeIds(clock),
    log: silentLogger,
    vault: new VaultClient({ socketPath, timeoutMs: VAULT_TIMEOUT_MS }),
    handlers: recordOutcomes,
    relayerSettings: SETTINGS,
    network: {
      name: 'polygon',
      chainId: 137,
      rpcUrl,
      tokenAddress: USDC_POLYGON,
      tokenName: 'USD Coin',
      tokenVersion: '2',
      multicallAddress: MULTICALL3,
      otherTokens: 'all',
      startBlock: 0,
    },
  };
}
