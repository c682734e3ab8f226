import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/log.ts';
import type { NetworkConfig } from '../networks.ts';
import type { JsonRpc } from '../rpc.ts';
import type { SettlementHandlers } from '../sends.ts';
import type { VaultClient } from '../vault/client.ts';
import type { Alarm } from './alarm.ts';
import type { Broadcaster } from './broadcast.ts';
import type { RelayerSettings } from './fees.ts';

export interface RelayerDeps {
  readonly db: Database;
  readonly rpc: JsonRpc;
  readonly vault: VaultClient;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly network: NetworkConfig;
  readonly handlers: SettlementHandlers;
  readonly settings: RelayerSettings;
  readonly broadcaster: Broadcaster;
  /** On while no relayer can pay for a full batch: nothing new is relayed. */
  readonly gasAlarm: Alarm;
  /** On while some relayer cannot: the others do its part. */
  readonly restingAlarm: Alarm;
  /** On while the signer's daily limit keeps sends waiting. */
  readonly dailyLimitAlarm: Alarm;
  /** On while a payment is made on chain that the indexer did not settle: a person must look. */
  readonly unsettledAlarm: Alarm;
}
