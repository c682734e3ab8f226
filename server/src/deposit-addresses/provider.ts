import type { SimulatedSender } from '@openoms/contract/simulations.ts';
import type { Tx } from '../db/database.ts';

/** Whoever sends play money to an address as a stranger would. */
export interface TestTransfers {
  /** Sends exactly `minor` units. Repeatable: a reference is paid once. The hash; undefined when it was paid before. */
  transferOnce(
    address: string,
    minor: bigint,
    reference: string,
    from: SimulatedSender,
  ): Promise<string | undefined>;
}

/** The port to whoever gives out account numbers and addresses to which customers are paid. */
export interface NumberOrders {
  /** Whether there is none to be had now, for the order of this operation with this label. */
  isRefused(tx: Tx, operation: string, label: string | undefined): Promise<boolean>;
}
