import { BASE_PATH } from '@openoms/contract/operation.ts';
import { contractFindings, operationOf, parsed, type WireReply } from './contract-check.ts';
import { type Coverage, coverageOf, Seen } from './coverage.ts';
import { unmet } from './expectations.ts';
import { nameOf, rootOf } from './operation-names.ts';
import { atPointer, fill, type Scope } from './template.ts';
import {
  type Case,
  casesOf,
  type Expectation,
  type RequestStep,
  type Step,
  type Suite,
  type Vector,
} from './vectors.ts';
import type { Wire, WireRequest } from './wire.ts';

export interface RunOptions {
  readonly suite: Suite;
  /** With or without a version prefix. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly wire: Wire;
  /** Lets time pass between two looks at what is to become true. */
  readonly pause: () => Promise<unknown>;
  /** Only vectors whose name, or whose file's name, contains this. */
  readonly only?: string | undefined;
}

export interface Failure {
  readonly step: string;
  readonly problems: readonly string[];
  readonly request: string;
  readonly reply: string;
}

export interface VectorResult {
  readonly vector: string;
  readonly failure: Failure | undefined;
}

export interface Report {
  readonly results: readonly VectorResult[];
  readonly requests: number;
  readonly coverage: Coverage;
}

const MAX_SHOWN = 600;
const VERSION = /^\/v[0-9]/;

class StepFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.problems.join('; '));
    this.failure = failure;
  }
}

/** Runs every vector in order against the API and holds each answer against the contract. */
export async function runSuite(options: RunOptions): Promise<Report> {
  const run = new Run(options);
  const results: VectorResult[] = [];
  for (const vector of options.suite.vectors) {
    for (const each of casesOf(options.suite, vector)) {
      const label = each.operation ?? each.name;
      const name = `${vector.file}: ${vector.name}${label === undefined ? '' : ` [${String(label)}]`}`;
      if (options.only !== undefined && !name.includes(options.only)) continue;
      const failure = await run.vector(vector, each).then(
        () => undefined,
        (error: unknown) => toFailure(error),
      );
      results.push({ vector: name, failure });
    }
  }
  const coverage = coverageOf(run.seen, options.suite.notProvokable);
  return { results, requests: run.requests, coverage };
}

const toFailure = (error: unknown): Failure =>
  error instanceof StepFailed
    ? error.failure
    : { step: 'the vector itself', problems: [String(error)], request: '', reply: '' };

class Run {
  readonly #options: RunOptions;
  readonly #root: string;
  /** What shared fixtures have set, by fixture; the promise of one that failed fails all who use it. */
  readonly #shared = new Map<string, Promise<Scope>>();
  #token: Promise<string> | undefined;
  readonly seen = new Seen();
  requests = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#root = rootOf(options.baseUrl);
  }

  async vector(vector: Vector, row: Case): Promise<void> {
    const scope = new Map<string, unknown>([
      ['apiKey', this.#options.apiKey],
      ['apiSecret', this.#options.apiSecret],
    ]);
    await this.#use(vector.uses ?? [], scope);
    await this.#use(listOf(row.uses), scope);
    for (const name of listOf(row.fresh)) await this.#step({ do: name }, scope, new Map());
    for (const [name, value] of Object.entries(row)) scope.set(name, fill(value, scope));
    for (const [name, value] of Object.entries(vector.set ?? {})) scope.set(name, fill(value, scope));
    await this.#steps(vector.steps, scope);
  }

  async #steps(steps: readonly Step[], scope: Map<string, unknown>): Promise<void> {
    const earlier = new Map<string, WireReply>();
    for (const step of steps) await this.#step(step, scope, earlier);
  }

  async #step(step: Step, scope: Map<string, unknown>, earlier: Map<string, WireReply>): Promise<void> {
    if (!('do' in step)) {
      const reply = await this.#request(step, scope, earlier);
      earlier.set(step.name, reply);
      const body = parsed(reply.text);
      for (const [name, pointer] of Object.entries(step.capture ?? {})) {
        scope.set(name, atPointer(body, pointer));
      }
      return;
    }
    const set = await this.#fixture(step.do, scope);
    const names = Object.entries(
      step.capture ?? Object.fromEntries([...set.keys()].map((key) => [key, key])),
    );
    for (const [name, from] of names) scope.set(name, set.get(from));
  }

  async #use(fixtures: readonly string[], scope: Map<string, unknown>): Promise<void> {
    for (const name of fixtures) {
      const shared = this.#shared.get(name) ?? this.#fixture(name, new Map());
      this.#shared.set(name, shared);
      for (const [key, value] of await shared) scope.set(key, value);
    }
  }

  /** Runs a fixture with the caller's variables; answers those it sets. */
  async #fixture(name: string, given: Scope): Promise<Scope> {
    const fixture = this.#options.suite.fixtures.get(name);
    if (!fixture) throw new Error(`there is no fixture ${name}`);
    const scope = new Map(given);
    await this.#use(fixture.uses ?? [], scope);
    await this.#steps(fixture.steps, scope);
    return new Map([...scope].filter(([key, value]) => given.get(key) !== value));
  }

  async #request(
    step: RequestStep,
    scope: Scope,
    earlier: ReadonlyMap<string, WireReply>,
  ): Promise<WireReply> {
    const request = await this.#toRequest(step, scope);
    const expect = fill(step.expect, scope) as Expectation;
    const deadlineMs = performance.now() + (step.until?.withinSeconds ?? 0) * 1_000;
    for (;;) {
      const reply = await this.#send(step.name, request);
      const problems = unmet(expect, reply, earlier);
      if (problems.length === 0) return reply;
      if (performance.now() >= deadlineMs) throw this.#failed(step.name, problems, request, reply);
      await this.#options.pause();
    }
  }

  /** What breaks the contract fails at once, whatever is waited for. */
  async #send(stepName: string, request: WireRequest): Promise<WireReply> {
    this.requests += 1;
    const reply = await this.#options.wire(request).catch((error: unknown) => {
      throw this.#failed(stepName, [`no answer: ${String(error)}`], request, undefined);
    });
    const path = request.url.pathname.slice(new URL(this.#root).pathname.replace(/\/$/, '').length);
    const operation = operationOf(request.method, path);
    const problems = contractFindings(operation, reply);
    if (problems.length > 0) throw this.#failed(stepName, problems, request, reply);
    if (operation) {
      this.seen.add(nameOf(operation), reply.status);
      const code = atPointer(parsed(reply.text), '/code');
      if (typeof code === 'string') this.seen.add(nameOf(operation), code);
    }
    return reply;
  }

  async #toRequest(step: RequestStep, scope: Scope): Promise<WireRequest> {
    const { name: _, expect: _expect, capture: _capture, until: _until, ...template } = step;
    const filled = fill(template, scope) as Omit<RequestStep, 'name' | 'expect'>;
    const url = new URL(this.#root + (VERSION.test(filled.path) ? '' : BASE_PATH) + filled.path);
    for (const [name, value] of Object.entries(filled.query ?? {})) url.searchParams.set(name, value);
    const text = filled.text ?? textOf(filled);
    const token = filled.token === undefined ? await this.#bearer() : filled.token;
    return {
      method: filled.method,
      url,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...lowerNames(filled.headers ?? {}),
      },
      body: text,
    };
  }

  /** What is shown has no token, no secret, and no long texts. */
  #failed(
    step: string,
    problems: readonly string[],
    { method, url, headers, body }: WireRequest,
    reply: WireReply | undefined,
  ): StepFailed {
    const { authorization, ...shown } = headers;
    const request = [
      `${method} ${url.pathname}${url.search}`,
      authorization === undefined ? 'without a token' : '',
      JSON.stringify(shown),
      body?.replaceAll(this.#options.apiSecret, '…').slice(0, MAX_SHOWN) ?? '',
    ];
    return new StepFailed({
      step,
      problems,
      request: request.filter(Boolean).join(' '),
      reply: reply ? `${reply.status} ${reply.text.slice(0, MAX_SHOWN)}` : '',
    });
  }

  #bearer(): Promise<string> {
    this.#token ??= this.#exchangeKey();
    return this.#token;
  }

  async #exchangeKey(): Promise<string> {
    const { apiKey, apiSecret } = this.#options;
    const reply = await this.#send('exchange the key', {
      method: 'POST',
      url: new URL(`${this.#root}${BASE_PATH}/auth/token`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey, apiSecret }),
    });
    const token = atPointer(parsed(reply.text), '/accessToken');
    if (typeof token !== 'string') throw new Error(`the key is not accepted: ${reply.status} ${reply.text}`);
    return token;
  }
}

function textOf({ body, bodyAlso }: Pick<RequestStep, 'body' | 'bodyAlso'>): string | undefined {
  if (bodyAlso !== undefined) return JSON.stringify({ ...(body as object | undefined), ...bodyAlso });
  return body === undefined ? undefined : JSON.stringify(body);
}

const lowerNames = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
