import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import { type JsonRpc, RpcError, RpcTransportError } from '../rpc.ts';
import { markSent } from './store.ts';

/** Nodes word it differently: geth and Bor "already known", anvil "transaction already imported". */
const KNOWN = /already (known|imported)|known transaction/i;

/**
 * Hands a stored attempt to the node. Never throws for what the node or the network says: the batch stays open,
 * and the next ticks find out by asking for its receipts what became of it.
 */
export async function broadcast(
  deps: { readonly db: Database; readonly rpc: JsonRpc; readonly clock: Clock; readonly log: Logger },
  batchId: string,
  attempt: { readonly raw: string; readonly hash: string },
): Promise<void> {
  try {
    await deps.rpc.call('eth_sendRawTransaction', [attempt.raw]);
  } catch (error) {
    if (!(error instanceof RpcError || error instanceof RpcTransportError)) throw error;
    if (!KNOWN.test(error.message)) {
      deps.log.warn({ batch: batchId, tx: attempt.hash, reason: error.message }, 'broadcast not accepted');
      return;
    }
  }
  await markSent(deps.db, batchId, deps.clock.now());
}
