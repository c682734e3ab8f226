import { randomUUID } from 'node:crypto';
import { ERRORS, type ErrorCode } from '@openoms/contract/errors.ts';
import { BASE_PATH, DIALECT_PATH, type Operation } from '@openoms/contract/operation.ts';
import { contractFindings, operationOf, parsed, type WireReply } from '../conformance/contract-check.ts';
import {
  isOfDialect,
  isServedInDialect,
  NAMED_OPERATIONS,
  nameOf,
  rootOf,
} from '../conformance/operation-names.ts';
import { atPointer } from '../conformance/template.ts';
import type { Wire, WireRequest } from '../conformance/wire.ts';
import { type Draft, FLOWS, MAX_WEIGHT, weightOf } from './flows.ts';
import { generate, type JsonSchema, type Source } from './generate.ts';
import { mutate, type Shape } from './mutate.ts';
import { Pool } from './pool.ts';
import { Random } from './random.ts';

export interface FuzzOptions {
  /** With or without a version prefix. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly wire: Wire;
  readonly requests: number;
  readonly seed: number;
  readonly concurrency: number;
  /** Called before each request with its number; for what a test lets happen meanwhile. */
  readonly before?: (index: number) => Promise<void> | void;
}

export interface Finding {
  readonly index: number;
  readonly problems: readonly string[];
  readonly request: string;
  readonly reply: string;
}

export interface FuzzReport {
  readonly seed: number;
  /** Answers by operation and status. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly findings: readonly Finding[];
}

const SHARE_OF_FLOWS = 0.7;
/** Spoiled: of flows, and of the rest. */
const SHARE_OF_MUTATIONS = { flow: 0.15, other: 0.5 };
const SHARE_OF_CURSORS = 0.2;
const SHARE_OF_DIALECT = 0.1;
const MAX_SHOWN = 1_000;
/** Spreads the seeds of consecutive requests. */
const SEED_STEP = 0x9e3779b1;
const UNBOUND = 'none';

/**
 * Sends requests made of the contract's schemas: valid ones, flows that take up what came before, and spoiled ones.
 * Each request's chance comes from the seed and its number; what it finds in the pool depends on the answers before.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const fuzz = new Fuzz(options);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < options.requests) {
      const index = next++;
      await options.before?.(index);
      await fuzz.send(index);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return { seed: options.seed, counts: fuzz.counts, findings: fuzz.findings };
}

class Fuzz {
  readonly #options: FuzzOptions;
  readonly #root: string;
  /** Of this run alone: a key of an earlier one would be answered as then. */
  readonly #run = randomUUID();
  readonly #pool = new Pool();
  readonly counts = new Map<string, Map<number, number>>();
  readonly findings: Finding[] = [];
  #token: Promise<string> | undefined;

  constructor(options: FuzzOptions) {
    this.#options = options;
    this.#root = rootOf(options.baseUrl);
  }

  async send(index: number): Promise<void> {
    const random = new Random(this.#options.seed + Math.imul(index + 1, SEED_STEP));
    const request = await this.#make(index, { random, pool: this.#pool });
    const reply = await this.#options.wire(request).catch((error: unknown) => String(error));
    if (typeof reply === 'string') return this.#find(index, [`no answer: ${reply}`], request, undefined);
    const operation = operationOf(request.method, this.#pathOf(request.url));
    this.#count(operation ? nameOf(operation) : UNBOUND, reply.status);
    const problems = [...contractFindings(operation, reply), ...failureOf(operation, reply)];
    if (problems.length > 0) this.#find(index, problems, request, reply);
    if (reply.status < 300 && operation) this.#pool.learn(nameOf(operation), parsed(reply.text));
  }

  async #make(index: number, source: Source): Promise<WireRequest> {
    const { random } = source;
    const [name, operation] = chooseOperation(random);
    const flow = random.chance(SHARE_OF_FLOWS) ? FLOWS[name]?.(source, this.#options) : undefined;
    const draft = this.#draft(operation, source, flow);
    const shape: Shape = {
      method: operation.method,
      draft,
      headers: {
        ...(operation.auth === 'bearer' && { authorization: `Bearer ${await this.#bearer()}` }),
        ...(operation.idempotency !== 'none' && { 'idempotency-key': `${this.#run}-${index}` }),
      },
    };
    if (random.chance(SHARE_OF_MUTATIONS[flow ? 'flow' : 'other'])) mutate(shape, random);
    const text = shape.text ?? (draft.body && JSON.stringify(draft.body));
    if (text !== undefined) shape.headers['content-type'] ??= 'application/json';
    const headers = Object.fromEntries(
      Object.entries(shape.headers).filter(([, value]) => /^[\x20-\x7e\t]*$/.test(value)),
    );
    return {
      method: shape.method,
      url: this.#urlOf(versionOf(operation, random), operation, draft),
      headers,
      body: text,
    };
  }

  #draft(operation: Operation, source: Source, flow: Partial<Draft> = {}): Draft {
    const { random } = source;
    const made = (schema: object | undefined) => generate((schema ?? {}) as JsonSchema, source);
    const query = operation.query ? (made(operation.query) as Record<string, unknown>) : {};
    for (const name of ['startingAfter', 'endingBefore', 'cursor']) {
      if (!(name in query)) continue;
      const cursor = random.chance(SHARE_OF_CURSORS) ? this.#pool.cursor(random) : undefined;
      if (cursor === undefined) delete query[name];
      else query[name] = cursor;
    }
    return structuredClone({
      params: operation.params ? (made(operation.params) as Record<string, unknown>) : {},
      query,
      ...(operation.body && { body: made(operation.body) as Record<string, unknown> }),
      ...flow,
    });
  }

  #urlOf(version: string, operation: Operation, { params, query }: Draft): URL {
    const path = operation.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encoded(params[name]) || 'x');
    const search = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((each) => `${encoded(name)}=${encoded(each)}`),
    );
    return new URL(`${this.#root}${version}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`);
  }

  #pathOf(url: URL): string {
    return url.pathname.slice(new URL(this.#root).pathname.replace(/\/$/, '').length);
  }

  #bearer(): Promise<string> {
    this.#token ??= this.#exchangeKey();
    return this.#token;
  }

  async #exchangeKey(): Promise<string> {
    const { wire, apiKey, apiSecret } = this.#options;
    const reply = await wire({
      method: 'POST',
      url: new URL(`${this.#root}${BASE_PATH}/auth/token`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey, apiSecret }),
    });
    const token = atPointer(parsed(reply.text), '/accessToken');
    if (typeof token !== 'string') throw new Error(`the key is not accepted: ${reply.status}`);
    return token;
  }

  #count(operationId: string, status: number): void {
    const counts = this.counts.get(operationId) ?? new Map<number, number>();
    counts.set(status, (counts.get(status) ?? 0) + 1);
    this.counts.set(operationId, counts);
  }

  #find(index: number, problems: string[], request: WireRequest, reply: WireReply | undefined): void {
    const { authorization: _, ...headers } = request.headers;
    const sent = `${request.method} ${request.url.pathname}${request.url.search} ${JSON.stringify(headers)}`;
    this.findings.push({
      index,
      problems,
      request: `${sent} ${request.body ?? ''}`.replaceAll(this.#options.apiSecret, '…').slice(0, MAX_SHOWN),
      reply: reply ? `${reply.status} ${reply.text.slice(0, MAX_SHOWN)}` : '',
    });
  }
}

function chooseOperation(random: Random): [name: string, operation: Operation] {
  for (;;) {
    const [name, operation] = random.pick(Object.entries(NAMED_OPERATIONS));
    if (random.chance(weightOf(name, operation) / MAX_WEIGHT)) return [name, operation];
  }
}

/** Mostly the first version; an operation of the dialect is served there alone. */
function versionOf(operation: Operation, random: Random): string {
  if (isOfDialect(nameOf(operation))) return DIALECT_PATH;
  return isServedInDialect(operation) && random.chance(SHARE_OF_DIALECT) ? DIALECT_PATH : BASE_PATH;
}

/** Half of a surrogate pair cannot be in a URL. */
function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}

/** A failure of the server, whatever the contract declares: 503 alone may happen, where it is declared, for a time. */
function failureOf(operation: Operation | undefined, { status, headers, text }: WireReply): string[] {
  if (status < 500) return [];
  const code = atPointer(parsed(text), '/code') as ErrorCode | undefined;
  const isDeclared = code !== undefined && ERRORS[code]?.status === 503 && operation?.errors.includes(code);
  return status === 503 && isDeclared && headers.has('retry-after')
    ? []
    : [`a failure of the server: ${status}`];
}
