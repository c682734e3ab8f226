import type { OpenOMS } from '@openoms/sdk';
import { must } from '../../server/src/kernel/assert.ts';
import { parseMinor } from '../../server/src/kernel/money.ts';
import type { Bank, Rail, Verdict } from './bank.ts';
import { newWallet, payIn } from './cash-in.ts';
import { amountOf, CASH_INS_PER_CUSTOMER, MAX_CENTS, netMinorOf, type Order, type Wallet } from './orders.ts';
import { until } from './until.ts';

const MIN_CENTS = 200;
const MOST_CENTS = 1_200;
/** What is paid in for one payer pays for so many payments. */
const PAYMENTS_PER_PAYER = Math.floor((CASH_INS_PER_CUSTOMER * MAX_CENTS * 0.9) / MOST_CENTS);
const FUNDED_TIMEOUT_MS = 60_000;
const QUOTE_SECONDS = 3_600;
const FEES = {
  cryptoToCrypto: { percentage: '0.01', fixed: '0.05' },
  ach: { percentage: '0.01', fixed: '0.25' },
  wire: { percentage: '0.002', fixed: '0.50' },
};
const BANK_ACCOUNT = {
  type: 'usBank',
  owner: { name: 'Jane Smith', type: 'individual' },
  bankDetails: {
    accountNumber: '000123456789',
    routingNumber: '021000021',
    accountType: 'checking',
    bankName: 'Chase',
  },
} as const;

/** Whom a transfer pays, or what the bank does with a payout. */
const KINDS = ['wallet', 'outside', 'settle', 'reject', 'return', 'returnLate'] as const;
type Kind = (typeof KINDS)[number];

interface Payer {
  readonly wallet: Wallet;
  readonly accounts: Readonly<Record<Rail, string>>;
}

/** A payment that was accepted, and how it was priced. */
export interface Payment {
  readonly transactionId: string;
  readonly kind: Kind;
  readonly from: string;
  /** Of a transfer between addresses. */
  readonly to: string | undefined;
  readonly grossMinor: bigint;
  readonly feesMinor: bigint;
  /** In cents for a payout, else in the token's unit. */
  readonly arrivingMinor: bigint;
}

interface Plan {
  readonly kind: Kind;
  readonly cents: number;
  readonly rail: Rail;
  readonly outside: string;
}

const isVerdict = (kind: Kind): kind is Verdict => kind !== 'wallet' && kind !== 'outside';

/** Payments of customers who have the means, let loose bit by bit, and the bank that does with each as planned. */
export class Payments {
  readonly #oms: OpenOMS;
  readonly #bank: Bank;
  readonly #plans: readonly Plan[];
  readonly #payers: Payer[] = [];
  readonly #placed: Promise<Payment>[] = [];
  #accepted = 0;
  /** The cash-ins that gave payers their tokens. */
  readonly funding: Order[] = [];

  constructor(options: { oms: OpenOMS; bank: Bank; count: number; random: () => number }) {
    const { oms, bank, count, random } = options;
    this.#oms = oms;
    this.#bank = bank;
    const below = (limit: number): number => Math.floor(random() * limit);
    this.#plans = Array.from({ length: count }, () => ({
      kind: must(KINDS[below(KINDS.length)], 'a kind'),
      cents: MIN_CENTS + below(MOST_CENTS - MIN_CENTS),
      rail: random() < 0.5 ? 'ach' : 'wire',
      outside: `0x${Array.from({ length: 40 }, () => below(16).toString(16)).join('')}`,
    }));
  }

  /** Placed and not yet decided. */
  get open(): number {
    return this.#placed.length - this.#accepted;
  }

  /** Fees, a bank that waits for its word, and payers with bank accounts and tokens. */
  async prepare(): Promise<void> {
    const oms = this.#oms;
    const settings = { pace: 'manual', quoteLifetimeSeconds: QUOTE_SECONDS, fees: FEES } as const;
    await oms.settings.update(settings, { idempotencyKey: 'payment-settings' });
    for (let index = 0; index < Math.ceil(this.#plans.length / PAYMENTS_PER_PAYER); index++) {
      const key = `paying-${index}`;
      const wallet = await newWallet(oms, key);
      const account = async (network: Rail): Promise<string> => {
        const options = { idempotencyKey: `${key}-${network}` };
        return (await oms.externalAccounts.create(wallet.customerId, { ...BANK_ACCOUNT, network }, options))
          .id;
      };
      this.#payers.push({ wallet, accounts: { ach: await account('ach'), wire: await account('wire') } });
      for (let cashIn = 0; cashIn < CASH_INS_PER_CUSTOMER; cashIn++) {
        const cashInId = await payIn(oms, wallet, amountOf(MAX_CENTS), `${key}-${cashIn}`);
        this.funding.push({ cashInId, address: wallet.address, netMinor: netMinorOf(MAX_CENTS) });
      }
    }
    const isPaid = async ({ cashInId }: Order) => (await oms.cashIns.get(cashInId)).status === 'completed';
    await until(
      'the payers have their tokens',
      async () => (await Promise.all(this.funding.map(isPaid))).every(Boolean),
      FUNDED_TIMEOUT_MS,
    );
  }

  /** Pays until that share of all is placed; the bank does its part as soon as it can. */
  release(share: number, wallets: readonly Wallet[]): void {
    const wanted = Math.ceil(this.#plans.length * share);
    for (let index = this.#placed.length; index < wanted; index++) {
      const placed = this.#place(index, wallets[index % Math.max(wallets.length, 1)]);
      placed.catch(() => undefined);
      this.#placed.push(placed);
    }
  }

  /** All that were placed, once each is accepted and the bank has done what it was to do. */
  decided(): Promise<Payment[]> {
    return Promise.all(this.#placed);
  }

  async #place(index: number, recipient: Wallet | undefined): Promise<Payment> {
    const plan = must(this.#plans[index], 'a plan');
    const { wallet, accounts } = must(this.#payers[Math.floor(index / PAYMENTS_PER_PAYER)], 'a payer');
    const isPayout = isVerdict(plan.kind);
    const usdc = { asset: 'usdc', network: 'polygon' } as const;
    // Before anyone else has a wallet, it is the outside that is paid.
    const kind = plan.kind === 'wallet' && !recipient ? 'outside' : plan.kind;
    const transferTo = kind === 'wallet' && recipient ? recipient.address : plan.outside;
    const to = isPayout ? undefined : transferTo;
    const onChain =
      kind === 'wallet' && recipient ? { walletId: recipient.id } : { blockchainAddress: to ?? '' };
    const quote = await this.#oms.quotes.create(
      {
        customerId: wallet.customerId,
        source: { walletId: wallet.id, ...usdc, amount: amountOf(plan.cents) },
        destination: isPayout
          ? { wallet: { externalAccount: accounts[plan.rail] }, asset: 'usd', network: plan.rail }
          : { wallet: onChain, ...usdc },
      },
      { idempotencyKey: `payment-quote-${index}` },
    );
    const { id } = await this.#oms.transactions.create(
      { quoteId: quote.id },
      { idempotencyKey: `payment-${index}` },
    );
    if (isVerdict(kind)) await this.#bank.decide(id, plan.rail, kind);
    this.#accepted += 1;
    const { amountGross, feesDeducted } = quote.source;
    return {
      transactionId: id,
      kind,
      from: wallet.address,
      to,
      grossMinor: minorOf(amountGross, 'usdc'),
      feesMinor: minorOf(feesDeducted.total, 'usdc'),
      arrivingMinor: minorOf(quote.destination.amountGross, isPayout ? 'usd' : 'usdc'),
    };
  }
}

const minorOf = (text: string, asset: 'usd' | 'usdc'): bigint => must(parseMinor(text, asset), 'an amount');
