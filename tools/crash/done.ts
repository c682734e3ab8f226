import type { Order } from './orders.ts';
import type { OutsideDeposit } from './outsider.ts';
import type { Payment } from './payments.ts';
import type { Receiver } from './receiver.ts';
import type { Wire } from './wire.ts';

/** What the clients of a campaign did, by their own account. */
export interface Done {
  readonly orders: readonly Order[];
  /** Cash-ins to the outside address. */
  readonly funding: readonly Order[];
  /** To payers' wallets, likewise. */
  readonly means: readonly Order[];
  readonly payments: readonly Payment[];
  readonly deposits: readonly OutsideDeposit[];
  readonly outsider: string;
  readonly wire: Wire;
  readonly receiver: Receiver;
  /** The endpoint that was there all the time. */
  readonly endpoint: string;
}
