import type {
  createCustomer,
  Endorsement,
  updateCustomer as updateCustomerOperation,
} from '@openoms/contract/customers.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type ApiError, asRefusal, notFound, validationError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { Sealer } from '../sealing/sealers.ts';
import {
  ALL_ENDORSEMENTS,
  decideEndorsements,
  type EndorsementName,
  type EndorsementRow,
  listEndorsements,
  requestEndorsements,
  withBasic,
} from './endorsement-store.ts';
import { customerInactive, endorsementRequired, notProvisioned } from './errors.ts';
import { birthDateIssues, type Identity, ipAddressIssues, missingIdentity } from './identity.ts';
import type { IdentityApplication, IdentityDecision, IdentityOutcome, IdentityVerifier } from './provider.ts';
import { canDecide } from './states.ts';
import * as store from './store.ts';
import { type CustomerParts, type CustomerWallet, toEndorsementEvent, toEndorsements } from './view.ts';

export type { EndorsementName, EndorsementStatus } from './endorsement-store.ts';
export type {
  IdentityApplication,
  IdentityDecision,
  IdentityOutcome,
  IdentityVerifier,
} from './provider.ts';
export type { CustomerRow } from './store.ts';
export type { CustomerParts, CustomerWallet } from './view.ts';

type CreateBody = BodyOf<typeof createCustomer>;
type UpdateBody = BodyOf<typeof updateCustomerOperation>;

export const REVIEW_TASK = 'customers.review';
export type ReviewPayload = Omit<IdentityApplication, 'projectId'>;

/** The wallets shown inside a customer, by customer; a port, because the wallets slice depends on this one. */
export type WalletSummaries = (
  tx: Tx,
  customerIds: readonly string[],
) => Promise<ReadonlyMap<string, readonly CustomerWallet[]>>;

export interface CustomersDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly providerEvents: ProviderEvents;
  readonly identityVerifier: IdentityVerifier;
  readonly walletSummaries: WalletSummaries;
}

/** Customers, their identity and their endorsements. */
export class Customers {
  readonly #deps: CustomersDeps;

  constructor(deps: CustomersDeps) {
    this.#deps = deps;
  }

  async create(tx: Tx, body: CreateBody, sealer: Sealer): Promise<CustomerParts> {
    const now = tx.now();
    const customerId = this.#deps.ids.next('customer', tx);
    const row = applyFields(emptyRow(customerId, now), body, sealer, now);
    await store.insertCustomer(tx, { ...row, review_round: 1 });
    const requested = namedEndorsements(body);
    if (requested.length > 0) await requestEndorsements(tx, customerId, requested, now);
    await this.#askForReview(tx, customerId, 1, requested);
    return {
      row: { ...row, review_round: 1 },
      endorsements: requested.map((type) => pendingEndorsement(customerId, type)),
      wallets: [],
    };
  }

  async get(tx: Tx, customerId: string): Promise<CustomerParts> {
    const row = await store.findCustomer(tx, customerId);
    if (!row) throw notFound('customer');
    return this.#parts(tx, row);
  }

  /** In the form of the wire. */
  endorsementsOf = (parts: CustomerParts): Endorsement[] => toEndorsements(parts);

  /** Throws 404 unless the customer exists; for lists below a customer. */
  async requireExists(tx: Tx, customerId: string): Promise<void> {
    if (!(await store.findCustomer(tx, customerId))) throw notFound('customer');
  }

  async list(
    tx: Tx,
    filter: store.CustomerFilter,
    page: PageRequest,
  ): Promise<{ items: CustomerParts[]; hasMore: boolean }> {
    const { rows, hasMore } = await store.listCustomers(tx, filter, page);
    return { items: await this.#partsOf(tx, rows), hasMore };
  }

  async update(tx: Tx, customerId: string, body: UpdateBody, sealer: Sealer): Promise<CustomerParts> {
    const now = tx.now();
    const before = await store.lockCustomer(tx, customerId);
    if (!before) throw notFound('customer');
    const named = namedEndorsements(body);
    const reviews = named.length > 0 || changesCompliance(body);
    const round = before.review_round + (reviews ? 1 : 0);
    const row = { ...applyFields(before, body, sealer, now), review_round: round, updated_at: now };
    await store.updateCustomer(tx, row);
    const asked = named.length > 0 ? await requestEndorsements(tx, customerId, named, now) : [];
    if (asked.length > 0) await this.#recordEndorsements(tx, row, ['updated']);
    if (reviews) {
      const open = (await listEndorsements(tx, [customerId])).filter(({ status }) => status === 'PENDING');
      if (open.length > 0)
        await this.#askForReview(
          tx,
          customerId,
          round,
          open.map(({ type }) => type),
        );
    }
    return this.#parts(tx, row);
  }

  /**
   * Makes sure a customer may do what needs the endorsements, and holds the customer's row until the commit.
   * A reviewer that can decide at once (the sandbox's) is asked first: its users need no KYC integration
   * (custodial-wallet-quickstart.md). Throws 404, 403 `customer_inactive`, 403 `endorsement_required`.
   */
  async requireEndorsed(
    tx: Tx,
    customerId: string,
    needed: readonly EndorsementName[],
  ): Promise<store.CustomerRow> {
    const row = await this.requireActive(tx, customerId);
    if ((await this.#lacking(tx, customerId, needed)).length === 0) return row;
    await this.#decideAtOnce(tx, row);
    const lacking = await this.#lacking(tx, customerId, needed);
    if (lacking.length > 0) throw endorsementRequired(lacking);
    return row;
  }

  /**
   * The same of many at once, without holding their rows: for each its customer, or the refusal. Only those who lack
   * something are looked at one by one.
   */
  async endorsedAll(
    tx: Tx,
    wanted: readonly { readonly customerId: string; readonly needed: readonly EndorsementName[] }[],
  ): Promise<(store.CustomerRow | ApiError)[]> {
    const customerIds = [...new Set(wanted.map(({ customerId }) => customerId))];
    const rows = await store.findCustomers(tx, customerIds);
    const byId = new Map(rows.map((row) => [row.customer_id, row]));
    const active = new Set(
      (await listEndorsements(tx, customerIds))
        .filter(({ status }) => status === 'ACTIVE')
        .map(({ customer_id, type }) => `${customer_id} ${type}`),
    );
    const answers: (store.CustomerRow | ApiError)[] = [];
    for (const { customerId, needed } of wanted) {
      const row = byId.get(customerId);
      if (!row) answers.push(notFound('customer'));
      else if (row.status !== 'active') answers.push(customerInactive());
      else if (needed.every((name) => active.has(`${customerId} ${name}`))) answers.push(row);
      else answers.push(await this.requireEndorsed(tx, customerId, needed).catch(asRefusal));
    }
    return answers;
  }

  /** The customer's row, held until the commit. Throws 404, 403 `customer_inactive`. */
  async requireActive(tx: Tx, customerId: string): Promise<store.CustomerRow> {
    const row = await store.lockCustomer(tx, customerId);
    if (!row) throw notFound('customer');
    if (row.status !== 'active') throw customerInactive();
    return row;
  }

  /** Holds the customers' rows until the commit, so that what is counted of them stays true. */
  async lock(tx: Tx, customerIds: readonly string[]): Promise<void> {
    await store.lockCustomers(tx, customerIds);
  }

  /** Throws the documents' provisioning error with the list of what is missing. */
  requireProvisioned(row: store.CustomerRow): void {
    if (row.missing_identity.length > 0) throw notProvisioned(row.missing_identity);
  }

  /**
   * What an identity provider decided, whoever it is: each outcome is applied once per provider event, unless the status
   * of its endorsement does not allow it. The row is locked first, so that two decisions on a customer wait in line.
   */
  async applyIdentityDecision(tx: Tx, provider: string, decision: IdentityDecision): Promise<void> {
    const row = await store.lockCustomer(tx, decision.customerId);
    if (!row) throw notFound('customer');
    const ids = decision.outcomes.map(({ providerEventId }) => providerEventId);
    const news = await this.#deps.providerEvents.accept(tx, provider, ids, 'identity.decided');
    const before = new Map(
      (await listEndorsements(tx, [row.customer_id])).map((endorsement) => [endorsement.type, endorsement]),
    );
    const changed = decision.outcomes.filter(
      (outcome) =>
        news.has(outcome.providerEventId) && changesEndorsement(before.get(outcome.endorsement), outcome),
    );
    if (changed.length === 0) return;
    await decideEndorsements(tx, row.customer_id, changed.map(decidedEndorsement), tx.now());
    await this.#recordEndorsements(tx, row, [...new Set(changed.map(({ outcome }) => NEWS[outcome]))]);
  }

  /** Each of the news is an event of the customer as it is now. */
  async #recordEndorsements(tx: Tx, row: store.CustomerRow, news: readonly News[]): Promise<void> {
    const data = toEndorsementEvent(await this.#parts(tx, row));
    await this.#deps.events.record(
      tx,
      ...news.map((each) => ({ type: `customer.endorsement.${each}`, resourceId: row.customer_id, data })),
    );
  }

  async #askForReview(
    tx: Tx,
    customerId: string,
    round: number,
    requested: readonly EndorsementName[],
  ): Promise<void> {
    const endorsements = requested.length > 0 ? requested : ALL_ENDORSEMENTS;
    await this.#deps.jobs.enqueue(tx, REVIEW_TASK, {
      customerId,
      round,
      endorsements,
    } satisfies ReviewPayload);
  }

  async #decideAtOnce(tx: Tx, row: store.CustomerRow): Promise<void> {
    const verifier = this.#deps.identityVerifier;
    const requested = (await listEndorsements(tx, [row.customer_id])).map(({ type }) => type);
    const decision = await verifier.decideAtOnce?.(tx, {
      projectId: tx.scope,
      customerId: row.customer_id,
      round: row.review_round,
      endorsements: requested.length > 0 ? requested : ALL_ENDORSEMENTS,
    });
    if (decision) await this.applyIdentityDecision(tx, verifier.name, decision);
  }

  async #lacking(tx: Tx, customerId: string, needed: readonly EndorsementName[]): Promise<EndorsementName[]> {
    const rows = await listEndorsements(tx, [customerId]);
    return needed.filter((name) => !rows.some(({ type, status }) => type === name && status === 'ACTIVE'));
  }

  async #parts(tx: Tx, row: store.CustomerRow): Promise<CustomerParts> {
    const [parts] = await this.#partsOf(tx, [row]);
    return parts ?? { row, endorsements: [], wallets: [] };
  }

  async #partsOf(tx: Tx, rows: readonly store.CustomerRow[]): Promise<CustomerParts[]> {
    if (rows.length === 0) return [];
    const customerIds = rows.map((row) => row.customer_id);
    const endorsements = await listEndorsements(tx, customerIds);
    const wallets = await this.#deps.walletSummaries(tx, customerIds);
    return rows.map((row) => ({
      row,
      endorsements: endorsements.filter((each) => each.customer_id === row.customer_id),
      wallets: wallets.get(row.customer_id) ?? [],
    }));
  }
}

/** An empty list names none, like an absent one: the reviewer then decides on all. */
const namedEndorsements = ({ endorsements = [] }: UpdateBody): EndorsementName[] =>
  endorsements.length > 0 ? withBasic(endorsements) : [];

type News = 'granted' | 'denied' | 'updated';

/** What an outcome makes of an endorsement, and under which name it is told. */
const OUTCOME_STATUS = {
  granted: 'ACTIVE',
  denied: 'REJECTED',
  documentsRequested: 'PENDING',
  revoked: 'REVOKED',
} as const satisfies Record<IdentityOutcome['outcome'], EndorsementRow['status']>;
const NEWS: Readonly<Record<IdentityOutcome['outcome'], News>> = {
  granted: 'granted',
  denied: 'denied',
  documentsRequested: 'updated',
  revoked: 'updated',
};

/** A pending one stays pending when documents are asked for, and says so once. */
function changesEndorsement(before: EndorsementRow | undefined, outcome: IdentityOutcome): boolean {
  if (canDecide(before?.status, OUTCOME_STATUS[outcome.outcome])) return true;
  if (before?.status !== 'PENDING' || outcome.outcome !== 'documentsRequested') return false;
  const { missing = [], issues = [] } = outcome;
  return JSON.stringify([before.missing, before.issues]) !== JSON.stringify([missing, issues]);
}

const decidedEndorsement = (outcome: IdentityOutcome): Omit<EndorsementRow, 'customer_id'> => ({
  type: outcome.endorsement,
  status: OUTCOME_STATUS[outcome.outcome],
  rejection_reasons: [...(outcome.rejectionReasons ?? [])],
  missing: [...(outcome.missing ?? [])],
  issues: [...(outcome.issues ?? [])],
});

/** As `requestEndorsements` has just written it. */
const pendingEndorsement = (customer_id: string, type: EndorsementName): EndorsementRow => ({
  customer_id,
  type,
  status: 'PENDING',
  rejection_reasons: [],
  missing: [],
  issues: [],
});

function emptyRow(customerId: string, now: Date): store.CustomerRow {
  return {
    customer_id: customerId,
    type: 'individual',
    status: 'active',
    first_name: null,
    middle_name: null,
    last_name: null,
    email: null,
    phone: null,
    nationality: null,
    external_id: null,
    signed_agreement_at: null,
    metadata: {},
    birth_date_sealed: null,
    residential_address_sealed: null,
    identifying_information_sealed: null,
    ip_address_sealed: null,
    missing_identity: [],
    review_round: 0,
    created_at: now,
    updated_at: now,
  };
}

/** The row with the fields of a body; write-only ones are sealed. Throws 400 for what no schema can tell. */
function applyFields(row: store.CustomerRow, body: UpdateBody, sealer: Sealer, now: Date): store.CustomerRow {
  const issues = [...birthDateIssues(body.birthDate, now), ...ipAddressIssues(body.ipAddress)];
  if (issues.length > 0) throw validationError(issues);
  const place = (column: string) => ({ table: 'customers', column, row: row.customer_id });
  const sealed = (column: string, value: unknown, kept: Buffer | null): Buffer | null =>
    value === undefined ? kept : sealer.seal(place(column), JSON.stringify(value));
  const opened = <T>(column: string, value: T | undefined, kept: Buffer | null): T | undefined =>
    value ?? (kept ? (JSON.parse(sealer.unseal(place(column), kept)) as T) : undefined);
  const identity: Identity = {
    phone: body.phone ?? row.phone ?? undefined,
    nationality: body.nationality ?? row.nationality ?? undefined,
    birthDate: opened('birth_date', body.birthDate, row.birth_date_sealed),
    residentialAddress: opened(
      'residential_address',
      body.residentialAddress,
      row.residential_address_sealed,
    ),
    identifyingInformation: opened(
      'identifying_information',
      body.identifyingInformation,
      row.identifying_information_sealed,
    ),
  };
  return {
    ...row,
    first_name: body.firstName ?? row.first_name,
    middle_name: body.middleName === undefined ? row.middle_name : body.middleName,
    last_name: body.lastName ?? row.last_name,
    email: body.email ?? row.email,
    phone: body.phone ?? row.phone,
    nationality: body.nationality ?? row.nationality,
    external_id: body.externalId ?? row.external_id,
    signed_agreement_at: signedAt(body.signedAgreement, row.signed_agreement_at, now),
    metadata: body.metadata ?? row.metadata,
    birth_date_sealed: sealed('birth_date', body.birthDate, row.birth_date_sealed),
    residential_address_sealed: sealed(
      'residential_address',
      body.residentialAddress,
      row.residential_address_sealed,
    ),
    identifying_information_sealed: sealed(
      'identifying_information',
      body.identifyingInformation,
      row.identifying_information_sealed,
    ),
    ip_address_sealed: sealed('ip_address', body.ipAddress, row.ip_address_sealed),
    missing_identity: missingIdentity(identity),
  };
}

function signedAt(signed: boolean | undefined, before: Date | null, now: Date): Date | null {
  if (signed === undefined) return before;
  return signed ? (before ?? now) : null;
}

/** Changes that re-open a review (contract 2.5). */
const changesCompliance = (body: UpdateBody): boolean =>
  body.residentialAddress !== undefined ||
  body.lastName !== undefined ||
  body.identifyingInformation !== undefined ||
  body.ipAddress !== undefined;
