import { MAGIC_VALUES } from '@openoms/contract/magic-values.ts';
import type { OpenOMS } from '@openoms/sdk';
import { must } from '../../server/src/kernel/assert.ts';
import { newWallet, payIn } from './cash-in.ts';

/** Three deposits a day is the limit of a customer. */
export const CASH_INS_PER_CUSTOMER = 3;
const MIN_CENTS = 2_000;
export const MAX_CENTS = 45_000;

/** What a sandbox's till declines. */
const DECLINED = MAGIC_VALUES.filter(({ outcome }) => outcome.kind === 'till').map(({ value }) => value);

export type Wallet = Awaited<ReturnType<typeof newWallet>>;

/** A cash-in as the campaign ordered it. */
export interface Order {
  readonly cashInId: string;
  /** Where the tokens go. */
  readonly address: string;
  readonly netMinor: bigint;
}

/** The cash-ins of a campaign, let loose bit by bit, so that each kill meets some in every state. */
export class Orders {
  readonly #oms: OpenOMS;
  readonly #cents: readonly number[];
  readonly #placed: Promise<Order>[] = [];
  readonly #wallets = new Map<number, Promise<Wallet>>();
  /** Those that the till has committed. */
  readonly done: Order[] = [];
  /** Of customers that have one by now. */
  readonly wallets: Wallet[] = [];

  constructor(oms: OpenOMS, count: number, random: () => number) {
    this.#oms = oms;
    this.#cents = Array.from({ length: count }, () => {
      const cents = MIN_CENTS + Math.floor(random() * (MAX_CENTS - MIN_CENTS));
      return DECLINED.includes(amountOf(cents)) ? cents + 1 : cents;
    });
  }

  /** Those that the till has not committed yet. */
  get open(): number {
    return this.#placed.length - this.done.length;
  }

  /** Places orders until that share of all is placed. */
  release(share: number): void {
    const wanted = Math.ceil(this.#cents.length * share);
    for (let index = this.#placed.length; index < wanted; index++) {
      const placed = this.#place(index);
      placed.catch(() => undefined);
      this.#placed.push(placed);
    }
  }

  /** All that were placed, once the till has committed each. */
  committed(): Promise<Order[]> {
    return Promise.all(this.#placed);
  }

  async #place(index: number): Promise<Order> {
    const cents = must(this.#cents[index], 'an amount');
    const wallet = await this.#walletOf(Math.floor(index / CASH_INS_PER_CUSTOMER));
    const cashInId = await payIn(this.#oms, wallet, amountOf(cents), `order-${index}`);
    const order = { cashInId, address: wallet.address, netMinor: netMinorOf(cents) };
    this.done.push(order);
    return order;
  }

  #walletOf(customer: number): Promise<Wallet> {
    const known = this.#wallets.get(customer) ?? this.#newWallet(customer);
    this.#wallets.set(customer, known);
    return known;
  }

  async #newWallet(customer: number): Promise<Wallet> {
    const wallet = await newWallet(this.#oms, `customer-${customer}`);
    this.wallets.push(wallet);
    return wallet;
  }
}

export const amountOf = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

/** What arrives: the deposit less 1.5 %, rounded half up to cents, less 50 cents; 10,000 token units a cent. */
export function netMinorOf(cents: number): bigint {
  const feeCents = (BigInt(cents) * 15n + 500n) / 1_000n + 50n;
  return (BigInt(cents) - feeCents) * 10_000n;
}
