import { BearerToken } from './bearer-token.ts';
import { OmsError, WebhookVerificationError } from './errors.ts';
import { type CallInput, type CallOptions, OPERATIONS, type OperationId, type Reply } from './operations.ts';
import {
  auditEntriesResource,
  cashInsResource,
  cashLocationsResource,
  customersResource,
  depositAddressesResource,
  eventsResource,
  externalAccountsResource,
  networksResource,
  quotesResource,
  reconciliationResource,
  sandboxResource,
  settingsResource,
  simulateResource,
  transactionsResource,
  virtualAccountsResource,
  walletsResource,
  webhooksResource,
} from './resources.ts';
import { type OutgoingRequest, Sender, type SenderPorts } from './sender.ts';
import { abortableDelay } from './timers.ts';
import { sign, signedHeaders, type VerifyInput, verify, type WebhookEvent } from './webhooks.ts';

export {
  type CallInput,
  type CallOptions,
  OmsError,
  type OperationId,
  type Reply,
  type VerifyInput,
  type WebhookEvent,
  WebhookVerificationError,
};

/** For receivers: no client is needed to verify a webhook request. */
export const webhooks = { verify, sign, signedHeaders };

export interface OpenOMSOptions extends Partial<Pick<SenderPorts, 'fetch' | 'delay'>> {
  /** Where the API is, with or without the version: `https://api.example.com` or `…/v0.9`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Of one attempt. */
  readonly timeoutMs?: number;
  /** Attempts after the first. */
  readonly maxRetries?: number;
  readonly generateIdempotencyKey?: () => string;
}

const VERSION_PATH = '/v0.9';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RETRIES = 4;

/** Every call in a loosely typed form; `CallInput` is what callers see. */
interface LooseInput extends CallOptions {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

/**
 * The client of the payments API. It exchanges the API key for a token and renews it, gives each mutation an
 * idempotency key, and retries what may succeed later with that same key. Failures are `OmsError`.
 */
export class OpenOMS {
  readonly #baseUrl: string;
  readonly #sender: Sender;
  readonly #token: BearerToken;
  readonly #generateIdempotencyKey: () => string;

  readonly customers: ReturnType<typeof customersResource>;
  readonly wallets: ReturnType<typeof walletsResource>;
  readonly externalAccounts: ReturnType<typeof externalAccountsResource>;
  readonly cashIns: ReturnType<typeof cashInsResource>;
  readonly cashLocations: ReturnType<typeof cashLocationsResource>;
  readonly quotes: ReturnType<typeof quotesResource>;
  readonly depositAddresses: ReturnType<typeof depositAddressesResource>;
  readonly transactions: ReturnType<typeof transactionsResource>;
  readonly virtualAccounts: ReturnType<typeof virtualAccountsResource>;
  readonly webhooks: ReturnType<typeof webhooksResource>;
  readonly events: ReturnType<typeof eventsResource>;
  readonly auditEntries: ReturnType<typeof auditEntriesResource>;
  readonly reconciliation: ReturnType<typeof reconciliationResource>;
  readonly networks: ReturnType<typeof networksResource>;
  readonly settings: ReturnType<typeof settingsResource>;
  readonly sandbox: ReturnType<typeof sandboxResource>;
  readonly simulate: ReturnType<typeof simulateResource>;

  constructor(options: OpenOMSOptions) {
    this.#baseUrl = versionedUrl(options.baseUrl);
    this.#generateIdempotencyKey = options.generateIdempotencyKey ?? (() => crypto.randomUUID());
    this.#sender = new Sender(
      {
        fetch: options.fetch ?? ((input, init) => fetch(input, init)),
        delay: options.delay ?? abortableDelay,
        random: Math.random,
        nowMs: Date.now,
      },
      {
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        maxRetries: options.maxRetries ?? DEFAULT_MAX_RETRIES,
      },
    );
    const { apiKey, apiSecret } = options;
    this.#token = new BearerToken(
      () => this.request('createToken', { body: { apiKey, apiSecret } }),
      () => performance.now(),
    );
    const request = this.request.bind(this);
    this.customers = customersResource(request);
    this.wallets = walletsResource(request);
    this.externalAccounts = externalAccountsResource(request);
    this.cashIns = cashInsResource(request);
    this.cashLocations = cashLocationsResource(request);
    this.quotes = quotesResource(request);
    this.depositAddresses = depositAddressesResource(request);
    this.transactions = transactionsResource(request);
    this.virtualAccounts = virtualAccountsResource(request);
    this.webhooks = webhooksResource(request);
    this.events = eventsResource(request);
    this.auditEntries = auditEntriesResource(request);
    this.reconciliation = reconciliationResource(request);
    this.networks = networksResource(request);
    this.settings = settingsResource(request);
    this.sandbox = sandboxResource(request);
    this.simulate = simulateResource(request);
  }

  /**
   * Sends any operation by its id and answers its success body; undefined for 204. A 401 makes it exchange
   * the key once more and send again. Throws `OmsError`, or the signal's reason.
   */
  async request<Id extends OperationId>(operation: Id, input: CallInput<Id>): Promise<Reply<Id>> {
    const { auth, idempotency, method, path } = OPERATIONS[operation];
    const { params, query, body, signal, idempotencyKey, scenario }: LooseInput = input;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (idempotency !== 'none') headers['idempotency-key'] = idempotencyKey ?? this.#generateIdempotencyKey();
    if (scenario !== undefined) headers['oms-sandbox-scenario'] = scenario;
    const unsigned = {
      method,
      url: `${this.#baseUrl}${fillPath(path, params)}${queryString(query)}`,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    };
    const reply =
      auth === 'none'
        ? await this.#sender.send({ ...unsigned, headers: async () => headers })
        : await this.#sendWithToken(unsigned, headers);
    return reply as Reply<Id>;
  }

  async #sendWithToken(
    request: Omit<OutgoingRequest, 'headers'>,
    headers: Record<string, string>,
  ): Promise<unknown> {
    let sent = '';
    const withToken = async (): Promise<Record<string, string>> => {
      sent = await this.#token.get(request.signal);
      return { ...headers, authorization: `Bearer ${sent}` };
    };
    try {
      return await this.#sender.send({ ...request, headers: withToken });
    } catch (error) {
      // A 401 of the exchange itself arrives before any token was sent; asking again would not help.
      if (!(error instanceof OmsError) || error.status !== 401 || sent === '') throw error;
      this.#token.drop(sent);
      return await this.#sender.send({ ...request, headers: withToken });
    }
  }
}

function versionedUrl(baseUrl: string): string {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path.endsWith(VERSION_PATH) ? path : path + VERSION_PATH}`;
}

function fillPath(path: string, params: Record<string, string> = {}): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name];
    // A dot segment would be resolved away and address another resource.
    if (!value || value === '.' || value === '..') throw new TypeError(`${name} is not an id`);
    return encodeURIComponent(value);
  });
}

function queryString(query: Record<string, unknown> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search}`;
}
