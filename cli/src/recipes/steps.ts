import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { type Customer, EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { AddressDeposit, DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT, type ExternalAccount } from '@openoms/contract/external-accounts.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import type { createQuote } from '@openoms/contract/quotes.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { VirtualAccount, VirtualAccountDeposit } from '@openoms/contract/virtual-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { Webhook } from '@openoms/contract/webhooks.ts';
import type { OpenOMS } from '@openoms/sdk';
import type { Outside, RecipePorts } from './ports.ts';

const USDC = { asset: 'usdc', network: 'polygon' } as const;
/** Somewhere in New York: the sandbox has tills and machines that pay out nearby. */
const NEW_YORK = { provider: 'greendot', latitude: 40.75, longitude: -73.99 } as const;
/** Its machines are out of cash, as the contract of `GET /cash-locations` says. */
const CASPER = { provider: 'allpoint', latitude: 42.8585, longitude: -106.32 } as const;
/** What is handed over at a till, and more than enough for whatever a recipe pays. */
const CASH = '100.00';
const PAYMENT = '20.00';
/** An authorization on chain lives for half an hour; only then is it certain that it will not be used. */
export const AUTHORIZATION_MINUTES = 35;
export const CODE_MINUTES = 60;
const MINUTE_MS = 60_000;

type Target = NonNullable<BodyOf<typeof createQuote>['destination']['wallet']>;

/** The steps that recipes share. Each makes something new, so that recipes do not meet. */
export class Steps {
  readonly client: OpenOMS;
  readonly until: RecipePorts['until'];
  readonly #ports: RecipePorts;

  constructor(ports: RecipePorts) {
    this.client = ports.client;
    this.until = ports.until;
    this.#ports = ports;
  }

  get outside(): Outside {
    if (!this.#ports.outside) throw new TypeError('This recipe needs somebody outside.');
    return this.#ports.outside;
  }

  async customer(): Promise<Customer> {
    return this.#made('customer', await this.client.customers.create(EXAMPLE_CUSTOMER));
  }

  async wallet(owner?: Pick<Customer, 'id'>): Promise<Wallet> {
    const { id } = owner ?? (await this.customer());
    return this.#made('wallet', await this.client.wallets.create(id, { asset: 'usdc', chain: 'polygon' }));
  }

  /** A wallet with money, which came in as cash. */
  async fundedWallet(): Promise<Wallet> {
    const wallet = await this.wallet();
    await this.completedCashIn(wallet);
    return wallet;
  }

  async cashIn(wallet: Wallet, to: object = { wallet: wallet.id }): Promise<CashIn> {
    const place = await this.#place(NEW_YORK, 'cashIn');
    const made = await this.client.cashIns.create({
      customerId: wallet.customerId,
      source: { asset: 'usd', indicatedAmount: CASH },
      destination: { ...USDC, wallet: to },
      cash: { cashLocationId: place.id, cashLocationReference: place.cashLocationReference },
    });
    return this.#made('cash-in', made);
  }

  /** The customer hands over cash: the till reads the code, and commits. */
  async #paidCashIn(cashIn: CashIn, status: CashIn['status'], takesMinutes = 0): Promise<CashIn> {
    const barcode = cashIn.depositInstructions?.code ?? '';
    const read = await this.client.simulate.barcodeAuth({ barcode, amount: CASH });
    await this.client.simulate.authCommit({
      accountNumber: read.accountNumber,
      accountReferenceNumber: read.accountReferenceNumber,
      amount: CASH,
      originalConfirmationId: read.confirmationId,
    });
    const { transactionId } = await this.client.cashIns.get(cashIn.id);
    if (transactionId !== null) this.#ports.onMade('transaction', transactionId);
    return this.cashInWith(status, cashIn, takesMinutes);
  }

  async completedCashIn(wallet: Wallet): Promise<CashIn> {
    return this.#paidCashIn(await this.cashIn(wallet), 'completed');
  }

  /** Paid at the till, for an address that the token refuses. */
  async failedCashIn(): Promise<CashIn> {
    const cashIn = await this.cashIn(await this.wallet(), { blockchainAddress: await this.refusedAddress() });
    return this.#paidCashIn(cashIn, 'failed', AUTHORIZATION_MINUTES);
  }

  cashInWith(status: CashIn['status'], { id }: CashIn, takesMinutes = 0): Promise<CashIn> {
    return this.until(
      `${id} is ${status}`,
      async () => matching(await this.client.cashIns.get(id), (now) => now.status === status),
      takesMinutes * MINUTE_MS,
    );
  }

  /** Pays from a wallet with money; a new one unless it is named. */
  async send(to: Target, from?: Wallet): Promise<Transaction> {
    return this.#pay(from ?? (await this.fundedWallet()), { ...USDC, wallet: to });
  }

  /** To a bank account, over ACH. */
  async payout(): Promise<Transaction> {
    const wallet = await this.fundedWallet();
    const account = await this.bankAccount({ id: wallet.customerId });
    return this.#pay(wallet, { asset: 'usd', network: 'ach', wallet: { externalAccount: account.id } });
  }

  /** The same, and the bank has paid; it is told to where it does not by itself. */
  async settledPayout(): Promise<Transaction> {
    const payout = await this.payout();
    await this.until(`the bank has ${payout.id}`, async () =>
      matching(
        await this.client.transactions.get(payout.id),
        ({ status, subStatus }) => status === 'completed' || subStatus === 'fundsPulled',
      ),
    );
    await this.settleAtBank(payout.id);
    return this.transactionWith('completed', payout.id);
  }

  /** For a project whose bank moves when it is told to. */
  async settleAtBank(transactionId: string): Promise<void> {
    await this.until(`${transactionId} is settled`, async () => {
      const now = await this.client.transactions.get(transactionId);
      if (now.status === 'completed') return now;
      // Refused when the bank does not have it yet, or has settled it meanwhile.
      const told = this.client.simulate.transaction(transactionId, { event: 'payoutSettled' });
      await told.catch(() => undefined);
      return undefined;
    });
  }

  async returnedPayout(): Promise<Transaction> {
    const payout = await this.settledPayout();
    await this.client.simulate.transaction(payout.id, { event: 'payoutReturned', returnCode: 'R01' });
    return payout;
  }

  /** Cash that waits to be collected; or at a machine that is out of it. */
  async cashOut(from: 'new york' | 'a machine out of cash' = 'new york'): Promise<Transaction> {
    const wallet = await this.fundedWallet();
    const place = await this.#place(from === 'new york' ? NEW_YORK : CASPER, 'cashOut');
    const cash = { locationId: place.id, locationReference: place.locationReference };
    return this.#pay(wallet, { asset: 'usd', network: 'cash', cash });
  }

  transactionWith(status: Transaction['status'], id: string, takesMinutes = 0): Promise<Transaction> {
    return this.until(
      `${id} is ${status}`,
      async () => matching(await this.client.transactions.get(id), (now) => now.status === status),
      takesMinutes * MINUTE_MS,
    );
  }

  async bankAccount(owner?: Pick<Customer, 'id'>): Promise<ExternalAccount> {
    const { id } = owner ?? (await this.customer());
    const account = await this.client.externalAccounts.create(id, EXAMPLE_EXTERNAL_ACCOUNT);
    return this.#made('external account', account);
  }

  async virtualAccount(): Promise<VirtualAccount> {
    const wallet = await this.wallet();
    const made = await this.client.virtualAccounts.create(wallet.customerId, {
      source: { asset: 'usd', network: 'usBank' },
      destination: { ...USDC, wallet: { wallet: wallet.id } },
    });
    return this.#made('virtual account', made);
  }

  /** Money comes in over a bank, and has reached the status. */
  async bankDeposit(
    account: VirtualAccount,
    status: VirtualAccountDeposit['status'],
  ): Promise<VirtualAccountDeposit> {
    const amount = { value: PAYMENT, currency: 'USD' } as const;
    await this.client.virtualAccounts.simulate(account.id, { rail: 'ach_in', amount });
    const deposit = await this.until(`money for ${account.id} is ${status}`, async () => {
      const [latest] = await this.client.virtualAccounts.deposits(account.id).take(1);
      return latest && matching(latest, (now) => now.status === status);
    });
    return this.#made('deposit', deposit);
  }

  async depositAddress(to?: object): Promise<DepositAddress> {
    const wallet = await this.wallet();
    return this.#depositAddress(wallet.customerId, { ...USDC, wallet: to ?? { wallet: wallet.id } });
  }

  /** Whatever comes to it is paid out to a bank account. */
  async depositAddressOfBank(): Promise<DepositAddress> {
    const account = await this.bankAccount();
    const destination = { asset: 'usd', network: 'ach', wallet: { externalAccount: account.id } };
    return this.#depositAddress(account.customerId, destination);
  }

  /** Tokens come to the address, and have reached the status. */
  async cryptoDeposit({ id }: DepositAddress, status: AddressDeposit['status']): Promise<AddressDeposit> {
    await this.client.depositAddresses.simulate(id, { amount: { value: PAYMENT } });
    return this.#made('deposit', await this.cryptoDepositWith(status, id));
  }

  cryptoDepositWith(
    status: AddressDeposit['status'],
    depositAddressId: string,
    takesMinutes = 0,
  ): Promise<AddressDeposit> {
    return this.until(
      `the deposit to ${depositAddressId} is ${status}`,
      async () => {
        const [latest] = await this.client.depositAddresses.deposits(depositAddressId).take(1);
        return latest && matching(latest, (now) => now.status === status);
      },
      takesMinutes * MINUTE_MS,
    );
  }

  async webhook(url: string, events: string[]): Promise<Webhook> {
    return this.#made('webhook', await this.client.webhooks.create({ url, events }));
  }

  /** The token refuses transfers to its own contract, so that a payment to it fails on chain. */
  async refusedAddress(): Promise<string> {
    const networks = await this.client.networks.list().take(100);
    const assets = networks.find(({ id }) => id === USDC.network)?.assets ?? [];
    const address = assets.find(({ asset }) => asset === USDC.asset)?.contractAddress;
    if (address === undefined) throw new TypeError('The instance names no contract of the token.');
    return address;
  }

  async #pay(
    wallet: Wallet,
    destination: Omit<BodyOf<typeof createQuote>['destination'], 'amount'>,
  ): Promise<Transaction> {
    const quote = await this.client.quotes.create({
      customerId: wallet.customerId,
      source: { ...USDC, walletId: wallet.id },
      destination: { ...destination, amount: PAYMENT },
    });
    this.#made('quote', quote);
    return this.#made('transaction', await this.client.transactions.create({ quoteId: quote.id }));
  }

  async #depositAddress(
    customerId: string,
    destination: { asset: string; network: string; wallet: object },
  ): Promise<DepositAddress> {
    const made = await this.client.depositAddresses.create(customerId, { source: USDC, destination });
    return this.#made('deposit address', made);
  }

  async #place(near: typeof NEW_YORK | typeof CASPER, flow: 'cashIn' | 'cashOut') {
    const [place] = await this.client.cashLocations.list({ ...near, flow, limit: 1 }).take(1);
    if (!place) throw new TypeError('The instance has no cash location nearby.');
    return place;
  }

  #made<T extends { readonly id: string }>(kind: string, thing: T): T {
    this.#ports.onMade(kind, thing.id);
    return thing;
  }
}

const matching = <T>(thing: T, isWanted: (thing: T) => boolean): T | undefined =>
  isWanted(thing) ? thing : undefined;
