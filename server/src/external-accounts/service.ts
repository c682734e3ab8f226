import type {
  ExternalAccountNetwork,
  ExternalAccountType,
} from '@openoms/contract/external-account-rails.ts';
import type { ExternalAccountRequest } from '@openoms/contract/external-accounts.ts';
import type { Customers } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import { must } from '../kernel/assert.ts';
import { ApiError, notFound, validationError } from '../kernel/errors.ts';
import type { IdKind, Ids } from '../kernel/ids.ts';
import type { Sealer } from '../sealing/sealers.ts';
import type { AccountVerifier } from './provider.ts';
import { countryOf, type Details, expiryIssues, partDetails, railOf, readDetails } from './rails.ts';
import { transition } from './states.ts';
import * as store from './store.ts';
import { toEventData } from './view.ts';

export type { Details } from './rails.ts';

const ID_KINDS: Readonly<Record<ExternalAccountType, IdKind>> = {
  usBank: 'usBankAccount',
  intlBank: 'internationalBankAccount',
  debitCard: 'debitCard',
  blockchainAddress: 'savedAddress',
};

/** What a payment to the account needs. `details` has its numbers in the clear: for the bank alone, never stored. */
export interface PayoutDetails {
  readonly externalAccountId: string;
  readonly type: ExternalAccountType;
  readonly network: ExternalAccountNetwork;
  readonly ownerName: string;
  readonly ownerType: 'individual' | 'business';
  readonly country: string | null;
  readonly currency: string;
  readonly details: Details;
}

/** What a bank may correct. */
export type DetailChanges = Pick<Details, 'accountNumber' | 'routingNumber' | 'accountType'>;

export interface ExternalAccountsDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly customers: Customers;
  readonly accountVerifier: AccountVerifier;
}

/** A customer's bank accounts, cards and addresses outside. They are only ever paid to. */
export class ExternalAccounts {
  readonly #deps: ExternalAccountsDeps;

  constructor(deps: ExternalAccountsDeps) {
    this.#deps = deps;
  }

  /** Throws 400 naming every detail that breaks a rule the schema cannot say, 404, 403 `customer_inactive`. */
  async create(
    tx: Tx,
    customerId: string,
    body: ExternalAccountRequest,
    sealer: Sealer,
  ): Promise<store.ExternalAccountRow> {
    const { ids, events, customers, accountVerifier } = this.#deps;
    await customers.requireActive(tx, customerId);
    const now = tx.now();
    const rail = railOf(body.type, body.network, body.bankDetails);
    const { details, issues } = readDetails(rail, body.bankDetails);
    issues.push(...expiryIssues(details, now));
    if (issues.length > 0) throw validationError(issues);
    const externalAccountId = ids.next(ID_KINDS[body.type], tx);
    const { display, sealed } = partDetails(rail, details);
    const row = await store.insertAccount(tx, {
      external_account_id: externalAccountId,
      customer_id: customerId,
      type: body.type,
      network: body.network,
      owner_name: body.owner.name,
      owner_type: body.owner.type,
      country: countryOf(rail, details),
      currency: rail.currency,
      address: details.address ?? null,
      display,
      numbers_sealed: sealed && sealer.seal(numbersPlace(externalAccountId), JSON.stringify(sealed)),
      created_at: now,
    });
    await events.record(tx, {
      type: 'externalAccount.created',
      resourceId: externalAccountId,
      data: toEventData(row),
    });
    return transition(tx, events, row, await accountVerifier.verify(tx, numberOf(details)), now);
  }

  /** Throws 404, also for a deleted one and when it is not `customerId`'s. */
  async get(tx: Tx, externalAccountId: string, customerId?: string): Promise<store.ExternalAccountRow> {
    return existing(await store.findAccount(tx, externalAccountId), customerId);
  }

  /** A customer's account, which stays as it is until the commit. Another customer's and a deleted one are not found. */
  async getOf(tx: Tx, customerId: string, externalAccountId: string): Promise<store.ExternalAccountRow> {
    return existing(await store.holdAccount(tx, externalAccountId), customerId);
  }

  /** The same of one that may be paid to. Throws 409 `invalid_state` unless it is verified. */
  async getPayable(tx: Tx, customerId: string, externalAccountId: string): Promise<store.ExternalAccountRow> {
    const row = await this.getOf(tx, customerId, externalAccountId);
    if (row.status === 'verified') return row;
    throw new ApiError(409, 'invalid_state', `The external account is ${row.status}.`);
  }

  /** Those of the ids that there are, in their order, deleted ones included. */
  findAll(tx: Tx, externalAccountIds: readonly string[]): Promise<store.ExternalAccountRow[]> {
    return store.findAccounts(tx, externalAccountIds);
  }

  async list(
    tx: Tx,
    customerId: string,
    filter: store.ExternalAccountFilter,
    page: PageRequest,
  ): Promise<{ rows: store.ExternalAccountRow[]; hasMore: boolean }> {
    await this.#deps.customers.requireExists(tx, customerId);
    return store.listAccounts(tx, customerId, filter, page);
  }

  /** Nothing new is paid to it; what is under way still is. Throws 404, also when it is not `customerId`'s. */
  async delete(tx: Tx, externalAccountId: string, customerId?: string): Promise<void> {
    const row = existing(await store.lockAccount(tx, externalAccountId), customerId);
    await transition(tx, this.#deps.events, row, 'deleted', tx.now());
  }

  /** With the numbers in the clear, also of a deleted account, to which a payment may be under way. Throws 404. */
  async payoutDetails(tx: Tx, sealer: Sealer, externalAccountId: string): Promise<PayoutDetails> {
    const row = await store.findAccount(tx, externalAccountId);
    if (!row) throw notFound('external account');
    return {
      externalAccountId,
      type: row.type,
      network: row.network,
      ownerName: row.owner_name,
      ownerType: row.owner_type,
      country: row.country,
      currency: row.currency,
      details: { ...row.display, ...openNumbers(row, sealer) },
    };
  }

  /**
   * A bank's notification of change: later payments use what it says. Nothing happens when that is known already, or
   * the account is deleted. Throws 404, and 400 when a change has not the form of the account's rail.
   */
  async updateDetails(
    tx: Tx,
    sealer: Sealer,
    externalAccountId: string,
    changes: DetailChanges,
  ): Promise<store.ExternalAccountRow> {
    const row = await store.lockAccount(tx, externalAccountId);
    if (!row) throw notFound('external account');
    const known: Details = { ...row.display, ...openNumbers(row, sealer) };
    const rail = railOf(row.type, row.network, known);
    const { details, issues } = readDetails(rail, { ...known, ...changes });
    if (issues.length > 0) throw validationError(issues);
    const isNews = rail.fields.some(({ name }) => details[name] !== known[name]);
    if (!isNews || row.status === 'deleted') return row;
    const { display, sealed } = partDetails(rail, details);
    const updated = await store.updateNumbers(
      tx,
      externalAccountId,
      display,
      sealed && sealer.seal(numbersPlace(externalAccountId), JSON.stringify(sealed)),
      tx.now(),
    );
    await this.#deps.events.record(tx, {
      type: 'externalAccount.updated',
      resourceId: externalAccountId,
      data: toEventData(updated),
    });
    return updated;
  }
}

/** By which an account is known outside. */
const numberOf = ({ accountNumber, iban, cardNumber, address }: Details): string =>
  must(accountNumber ?? iban ?? cardNumber ?? address, 'each rail has a number');

const numbersPlace = (externalAccountId: string) => ({
  table: 'external_accounts',
  column: 'numbers_sealed',
  row: externalAccountId,
});

const openNumbers = ({ external_account_id, numbers_sealed }: store.ExternalAccountRow, sealer: Sealer) =>
  numbers_sealed
    ? (JSON.parse(sealer.unseal(numbersPlace(external_account_id), numbers_sealed)) as Details)
    : {};

/** The row, unless there is none for whoever asks. */
function existing(
  row: store.ExternalAccountRow | undefined,
  customerId = row?.customer_id,
): store.ExternalAccountRow {
  if (!row || row.status === 'deleted' || row.customer_id !== customerId) throw notFound('external account');
  return row;
}
