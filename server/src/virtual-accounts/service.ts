import type {
  VirtualAccount,
  VirtualAccountChange,
  VirtualAccountRequest,
} from '@openoms/contract/virtual-accounts.ts';
import type { ReceivedCredit, ReturnedBankCredit } from '../bank/service.ts';
import type { CustomerRow } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Target } from '../http/request-fields.ts';
import { hmacSha256 } from '../kernel/crypto.ts';
import { ApiError, notFound, validationError } from '../kernel/errors.ts';
import type { Sealer } from '../sealing/sealers.ts';
import type { TransactionRow } from '../transactions/service.ts';
import * as depositStore from './deposit-store.ts';
import * as deposits from './deposits.ts';
import type { RetryPayload, VirtualAccountsDeps } from './deps.ts';
import { readRequest } from './request.ts';
import { transitionAccount } from './states.ts';
import * as store from './store.ts';
import { toEventData, toVirtualAccount } from './view.ts';

/** Two numbers that are alike are drawn once in a lifetime; several times in a row means that a bank has run out. */
const MAX_DRAWS = 5;
const LAST_DIGITS = 4;
/** Shown to a client while the bank gives out no number. */
const NUMBER_RETRY_SECONDS = 1;
type Numbers = Pick<
  store.VirtualAccountRow,
  | 'bank_name'
  | 'account_number_sealed'
  | 'account_number_hash'
  | 'account_number_last4'
  | 'routing_number'
  | 'account_type'
>;

/** The name on an account that is in nobody else's. */
const OMS_NAME = 'OpenOMS';

/** Bank account numbers of customers: dollars that come to one become tokens at its destination. */
export class VirtualAccounts {
  readonly #deps: VirtualAccountsDeps;

  constructor(deps: VirtualAccountsDeps) {
    this.#deps = deps;
  }

  async create(
    tx: Tx,
    customerId: string,
    body: VirtualAccountRequest,
    sealer: Sealer,
  ): Promise<VirtualAccount> {
    const { ids, events, customers, numberOrders } = this.#deps;
    const target = readRequest(body);
    const customer = await customers.requireEndorsed(tx, customerId, ['basic', 'usd']);
    customers.requireProvisioned(customer);
    const destination = await this.#destination(tx, customerId, target);
    await this.#requireWallets(tx, body.developerFees);
    const holder = body.accountholderName ?? 'oms';
    const ownerName = await this.#ownerName(tx, customer, holder);
    if (await numberOrders.isRefused(tx, 'createVirtualAccount', body.label)) throw noNumber();
    const { row, accountNumber } = await this.#insert(tx, sealer, {
      virtual_account_id: ids.next('virtualAccount', tx),
      customer_id: customerId,
      owner_name: ownerName,
      accountholder_name: holder,
      destination_asset: 'usdc',
      destination_network: 'polygon',
      ...destination,
      developer_fees: body.developerFees ?? null,
      label: body.label ?? null,
      bank_memo: body.bankMemo ?? null,
      metadata: body.metadata ?? {},
      created_at: tx.now(),
    });
    await events.record(tx, {
      type: 'virtualAccount.provisioned',
      resourceId: row.virtual_account_id,
      data: toEventData(row),
    });
    return toVirtualAccount(row, accountNumber);
  }

  /** With its number in full. Throws 404, also for a deleted one. */
  async get(tx: Tx, virtualAccountId: string, sealer: Sealer): Promise<VirtualAccount> {
    return opened(existing(await store.findVirtualAccount(tx, virtualAccountId)), sealer);
  }

  async list(
    tx: Tx,
    customerId: string,
    query: { readonly filter: store.VirtualAccountFilter; readonly page: PageRequest },
    sealer: Sealer,
  ): Promise<{ items: VirtualAccount[]; hasMore: boolean }> {
    await this.#deps.customers.requireExists(tx, customerId);
    const { rows, hasMore } = await store.listVirtualAccounts(tx, customerId, query.filter, query.page);
    return { items: rows.map((row) => opened(row, sealer)), hasMore };
  }

  /** Applies to what is not yet converted; an account that is active then tries all that it holds anew. */
  async update(
    tx: Tx,
    virtualAccountId: string,
    body: VirtualAccountChange,
    sealer: Sealer,
  ): Promise<VirtualAccount> {
    const { events } = this.#deps;
    const before = existing(await store.lockVirtualAccount(tx, virtualAccountId));
    const target = readRequest(body);
    const destination = target && (await this.#destination(tx, before.customer_id, target));
    await this.#requireWallets(tx, body.developerFees);
    const now = tx.now();
    let row = await store.updateVirtualAccount(
      tx,
      virtualAccountId,
      {
        ...before,
        ...destination,
        ...(body.developerFees !== undefined && { developer_fees: body.developerFees }),
        ...(body.label !== undefined && { label: body.label }),
        ...(body.bankMemo !== undefined && { bank_memo: body.bankMemo }),
        metadata: body.metadata ?? before.metadata,
      },
      now,
    );
    if (body.status && body.status !== row.status) row = await transitionAccount(tx, row, body.status, now);
    await events.record(tx, {
      type: 'virtualAccount.updated',
      resourceId: virtualAccountId,
      data: toEventData(row),
    });
    if (row.status === 'active') await deposits.tryHeld(this.#deps, tx, row);
    return opened(row, sealer);
  }

  /** What it holds goes back, and so does what still comes in. Throws 404. */
  async delete(tx: Tx, virtualAccountId: string): Promise<void> {
    const { events } = this.#deps;
    const before = existing(await store.lockVirtualAccount(tx, virtualAccountId));
    const row = await transitionAccount(tx, before, 'deleted', tx.now());
    await events.record(tx, {
      type: 'virtualAccount.deleted',
      resourceId: virtualAccountId,
      data: toEventData(row),
    });
    await deposits.returnHeld(this.#deps, tx, row);
  }

  async listDeposits(
    tx: Tx,
    virtualAccountId: string,
    query: { readonly filter: depositStore.DepositFilter; readonly page: PageRequest },
  ): Promise<{ rows: depositStore.DepositRow[]; hasMore: boolean }> {
    existing(await store.findVirtualAccount(tx, virtualAccountId));
    return depositStore.listDeposits(tx, virtualAccountId, query.filter, query.page);
  }

  /** Of the bank: see deposits.ts. */
  creditsReceived(tx: Tx, credits: readonly ReceivedCredit[]): Promise<void> {
    const hashed = credits.map((credit) => ({ credit, hash: this.#hashOf(credit.accountNumber) }));
    return deposits.creditsReceived(this.#deps, tx, hashed);
  }

  creditsReturned(tx: Tx, credits: readonly ReturnedBankCredit[]): Promise<void> {
    return deposits.creditsReturned(this.#deps, tx, credits);
  }

  onRampsDelivered(tx: Tx, rows: readonly TransactionRow[]): Promise<void> {
    return deposits.delivered(this.#deps, tx, rows);
  }

  onRampsFailed(tx: Tx, rows: readonly TransactionRow[]): Promise<void> {
    return deposits.failed(this.#deps, tx, rows);
  }

  /** Of a deposit that waits for what time may cure. */
  retry(tx: Tx, payload: RetryPayload): Promise<void> {
    return deposits.retry(this.#deps, tx, payload);
  }

  /** Under a number that nobody has. */
  async #insert(
    tx: Tx,
    sealer: Sealer,
    account: Omit<store.NewVirtualAccount, keyof Numbers>,
  ): Promise<{ row: store.VirtualAccountRow; accountNumber: string }> {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const { bankName, accountNumber, routingNumber, accountType } = this.#deps.bankRail.newAccount(
        tx.random,
      );
      const row = await store.insertVirtualAccount(tx, {
        ...account,
        bank_name: bankName,
        account_number_sealed: sealer.seal(numberPlace(account.virtual_account_id), accountNumber),
        account_number_hash: this.#hashOf(accountNumber),
        account_number_last4: accountNumber.slice(-LAST_DIGITS),
        routing_number: routingNumber,
        account_type: accountType,
      });
      if (row) return { row, accountNumber };
    }
    throw new Error('the bank gives only numbers that are taken');
  }

  #hashOf(accountNumber: string): Buffer {
    return hmacSha256(this.#deps.numberKey, accountNumber);
  }

  async #destination(
    tx: Tx,
    customerId: string,
    target: Target,
  ): Promise<
    Pick<
      store.VirtualAccountRow,
      'destination_wallet_id' | 'destination_external_account_id' | 'destination_address'
    >
  > {
    const none = { destination_wallet_id: null, destination_external_account_id: null };
    if (target.kind === 'address') return { ...none, destination_address: target.address };
    if (target.kind === 'wallet') {
      const wallet = await this.#deps.wallets.getOf(tx, customerId, target.walletId);
      return { ...none, destination_wallet_id: wallet.wallet_id, destination_address: wallet.address };
    }
    const { externalAccountId } = target;
    const account = await this.#deps.externalAccounts.getPayable(tx, customerId, externalAccountId);
    if (account.address === null) {
      throw validationError([
        { field: 'destination.wallet.externalAccount', issue: 'is not a saved blockchain address' },
      ]);
    }
    return {
      ...none,
      destination_external_account_id: externalAccountId,
      destination_address: account.address,
    };
  }

  /** Wallets that fees name are there. */
  async #requireWallets(tx: Tx, fees: VirtualAccountChange['developerFees']): Promise<void> {
    const ids = [...new Set((fees ?? []).flatMap(({ wallet }) => wallet ?? []))];
    if (ids.length === 0) return;
    const found = await this.#deps.wallets.findAll(tx, ids);
    if (found.length < ids.length) throw notFound('wallet');
  }

  async #ownerName(
    tx: Tx,
    customer: CustomerRow,
    holder: VirtualAccount['accountholderName'],
  ): Promise<string> {
    if (holder === 'oms') return OMS_NAME;
    if (holder === 'developer') return this.#deps.projects.nameOf(tx);
    const names = [customer.first_name, customer.last_name].filter((name) => name !== null);
    if (names.length > 0) return names.join(' ');
    throw validationError([{ field: 'accountholderName', issue: 'the customer has no name' }]);
  }
}

const noNumber = (): ApiError =>
  new ApiError(503, 'provider_unavailable', 'The bank gives out no number now; try again.', {
    retryAfterSeconds: NUMBER_RETRY_SECONDS,
  });

const numberPlace = (virtualAccountId: string) => ({
  table: 'virtual_accounts',
  column: 'account_number_sealed',
  row: virtualAccountId,
});

const opened = (row: store.VirtualAccountRow, sealer: Sealer): VirtualAccount =>
  toVirtualAccount(row, sealer.unseal(numberPlace(row.virtual_account_id), row.account_number_sealed));

function existing(row: store.VirtualAccountRow | undefined): store.VirtualAccountRow {
  if (!row || row.status === 'deleted') throw notFound('virtual account');
  return row;
}
