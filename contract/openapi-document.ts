import Type, { type TObject } from 'typebox';
import { CONSOLE_HEADER, CONSOLE_PATH } from './console/operation.ts';
import { ERRORS, ErrorBody, type ErrorCode } from './errors.ts';
import { exampleOf } from './event-types.ts';
import { EVENTS, type EventDefinition, EventEnvelope, type EventName } from './events.ts';
import { PathId, PROPOSAL } from './fields.ts';
import { SCENARIO_HEADER, scenariosOf } from './magic-values.ts';
import { BASE_PATH, EVIDENCE_KEYWORD, type Operation, type Tag } from './operation.ts';

export type JsonObject = { [key: string]: Json };
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly security: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Record<string, JsonObject>;
  readonly webhooks: Record<string, JsonObject>;
  readonly components: Record<string, JsonObject>;
}

const TAG_DESCRIPTIONS: Record<Tag, string> = {
  Auth: 'API keys are exchanged for bearer tokens.',
  Customers: 'End users, to whom every wallet and payment belongs.',
  Customer: 'What belongs to one customer.',
  Wallet: 'Custodial wallets: one asset on one chain.',
  Quote: 'Prices, locked for minutes; executed as transactions.',
  Transaction: 'Movements of money.',
  ExternalAccount: 'Bank accounts, cards and addresses outside, to be paid to.',
  VirtualAccount: 'Bank accounts whose deposits arrive as crypto.',
  DepositAddress: 'Addresses whose deposits are sent on.',
  Network: 'Assets and networks that can be used.',
  Settings: 'Fees, limits, rates and paces of the project.',
  Webhook: 'Where events are sent.',
  Event: 'What happened, whether it was sent or not.',
  CashIns: 'Cash deposited at a counter, delivered as crypto.',
  CashLocation: 'Counters that take cash.',
  Simulation: 'Sandbox only: what the outside world would do.',
  Operations: 'For operators: extensions that no document knows.',
  Health: 'For operators and load balancers.',
  Console: 'For members of the organization: what the dashboard is made of.',
};

/** Keywords whose value is data, in which a `title` names no schema. */
const DATA_KEYWORDS = new Set(['examples', 'default', 'enum', 'const']);

/** Schemas with a title, gathered while they are replaced by references. */
class SchemaRegistry {
  readonly schemas: JsonObject = {};

  /** A plain copy of a schema, in which each titled schema is a `$ref` to the registered one. */
  reference(schema: unknown): Json {
    if (Array.isArray(schema)) return schema.map((item) => this.reference(item));
    if (typeof schema !== 'object' || schema === null) return schema as Json;
    const copy = this.#copy(schema);
    if (typeof copy.title !== 'string') return copy;
    const { title, ...body } = copy;
    const registered = this.schemas[title];
    if (registered !== undefined && JSON.stringify(registered) !== JSON.stringify(body)) {
      throw new Error(`two different schemas are titled ${title}`);
    }
    this.schemas[title] = body;
    return { $ref: `#/components/schemas/${title}` };
  }

  #copy(schema: object): JsonObject {
    const copy: JsonObject = {};
    for (const [key, value] of Object.entries(schema)) {
      copy[key] = DATA_KEYWORDS.has(key) ? (structuredClone(value) as Json) : this.reference(value);
    }
    return copy;
  }
}

const ref = (kind: string, name: string): JsonObject => ({ $ref: `#/components/${kind}/${name}` });

const jsonContent = (schema: Json, example?: unknown): JsonObject => ({
  'application/json': {
    schema,
    ...(example === undefined ? {} : { example: structuredClone(example) as Json }),
  },
});

const PATH_PARAMETER = /:([A-Za-z]+)/g;

function parametersFrom(fields: TObject, place: 'path' | 'query', registry: SchemaRegistry): JsonObject[] {
  const required = new Set<string>(fields.required);
  return Object.entries(fields.properties).map(([name, field]) => {
    const schema = registry.reference(field) as JsonObject;
    const { description, ...rest } = schema;
    return {
      name,
      in: place,
      required: required.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function parametersOf(operation: Operation, registry: SchemaRegistry): JsonObject[] {
  const parameters = [
    ...(operation.params ? parametersFrom(operation.params, 'path', registry) : []),
    ...(operation.query ? parametersFrom(operation.query, 'query', registry) : []),
  ];
  if (operation.tag === 'Console' && operation.method !== 'GET')
    parameters.push(ref('parameters', 'ConsoleHeader'));
  if (operation.idempotency === 'required') parameters.push(ref('parameters', 'IdempotencyKey'));
  if (operation.idempotency === 'optional') parameters.push(ref('parameters', 'OptionalIdempotencyKey'));
  const scenarios = scenariosOf(operation.operationId);
  if (scenarios.length > 0) parameters.push(scenarioParameter(scenarios));
  return parameters;
}

const scenarioParameter = (names: string[]): JsonObject => ({
  name: SCENARIO_HEADER,
  in: 'header',
  required: false,
  description:
    'Sandbox only; live projects ignore it. The name of a magic value (`GET /sandbox/magic-values`), which then applies to what the request makes.',
  schema: { type: 'string', enum: names },
  ...PROPOSAL,
});

const RETRY_AFTER_STATUSES = new Set([409, 429, 503]);

/** Of every answer. */
const headersOf = (auth: Operation['auth']): JsonObject => ({
  'X-Request-Id': ref('headers', 'RequestId'),
  ...(auth !== 'bearer' ? {} : { 'OMS-Sandbox-Trouble': ref('headers', 'SandboxTrouble') }),
});

/** One response per status, its codes told apart by examples. */
function errorResponses({ errors, auth }: Operation, schema: Json): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(errors)) {
    const status = ERRORS[code].status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: JsonObject = {};
  for (const [status, codesOfStatus] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[status] = {
      description: codesOfStatus.map((code) => `\`${code}\`: ${ERRORS[code].meaning}`).join('\n\n'),
      headers: {
        ...headersOf(auth),
        ...(RETRY_AFTER_STATUSES.has(status) ? { 'Retry-After': ref('headers', 'RetryAfter') } : {}),
      },
      content: {
        'application/json': {
          schema,
          examples: Object.fromEntries(codesOfStatus.map((code) => [code, ref('examples', code)])),
        },
      },
    };
  }
  return responses;
}

function successResponse(operation: Operation, registry: SchemaRegistry): JsonObject {
  const { description, schema } = operation.success;
  return {
    description,
    headers: {
      ...headersOf(operation.auth),
      ...(operation.idempotency === 'none'
        ? {}
        : { 'Idempotent-Replayed': ref('headers', 'IdempotentReplayed') }),
    },
    ...(schema ? { content: jsonContent(registry.reference(schema), operation.example?.response) } : {}),
  };
}

function operationObject(operation: Operation, registry: SchemaRegistry): JsonObject {
  const evidence = operation.evidence?.map((note): JsonObject => ({ ...note }));
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    ...(operation.auth === 'none' ? { security: [] } : {}),
    parameters: parametersOf(operation, registry),
    ...(operation.body
      ? {
          requestBody: {
            required: true,
            content: jsonContent(registry.reference(operation.body), operation.example?.request),
          },
        }
      : {}),
    responses: {
      [operation.success.status]: successResponse(operation, registry),
      ...errorResponses(operation, registry.reference(ErrorBody)),
    },
    ...(operation.sandboxOnly ? { 'x-sandbox-only': true } : {}),
    ...(evidence ? { [EVIDENCE_KEYWORD]: evidence } : {}),
  };
}

function pathsOf(operations: readonly Operation[], registry: SchemaRegistry): Record<string, JsonObject> {
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    const path = operation.path.replace(PATH_PARAMETER, '{$1}');
    const item: JsonObject = paths[path] ?? (operation.tag === 'Health' ? { servers: [{ url: '/' }] } : {});
    item[operation.method.toLowerCase()] = operationObject(operation, registry);
    paths[path] = item;
  }
  return paths;
}

const FOR_COMPLIANCE = 'Sent only to webhooks that name it: wildcards and an empty list do not reach it.';

function webhooksOf(registry: SchemaRegistry): Record<string, JsonObject> {
  const webhooks: Record<string, JsonObject> = {};
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const event: EventDefinition = EVENTS[name];
    const envelope = EventEnvelope(name, event.data);
    webhooks[name] = {
      post: {
        operationId: `on.${name}`,
        tags: ['Webhook'],
        summary: event.when,
        security: [],
        parameters: [ref('parameters', 'WebhookSignature')],
        requestBody: { required: true, content: jsonContent(registry.reference(envelope), exampleOf(name)) },
        responses: {
          '200': { description: 'Any 2xx status acknowledges the delivery.' },
          '410': { description: 'The webhook is disabled.' },
        },
        ...(event.audience === 'compliance' ? { description: FOR_COMPLIANCE } : {}),
        ...(event.evidence ? { [EVIDENCE_KEYWORD]: [{ evidence: event.evidence, fact: 'The event.' }] } : {}),
      },
    };
  }
  return webhooks;
}

const MAX_IDEMPOTENCY_KEY_LENGTH = 255;

const idempotencyKey = (required: boolean): JsonObject => ({
  name: 'Idempotency-Key',
  in: 'header',
  required,
  description:
    'A value of your own, one per logical mutation. A repeat with the same key and body answers as the first did.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_IDEMPOTENCY_KEY_LENGTH },
});

const PARAMETERS: JsonObject = {
  IdempotencyKey: idempotencyKey(true),
  OptionalIdempotencyKey: idempotencyKey(false),
  WebhookSignature: {
    name: 'Webhook-Signature',
    in: 'header',
    required: true,
    description:
      '`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.` and the raw body; the key is the UTF-8 bytes of the whole `whsec_` secret. Several `v1` during rotation. Refuse when `t` is more than 300 s away.',
    schema: { type: 'string' },
    ...PROPOSAL,
  },
};

const HEADERS: JsonObject = {
  RequestId: { description: 'Id of the request, for support.', schema: { type: 'string' }, ...PROPOSAL },
  IdempotentReplayed: {
    description: '`true` when the answer is that of an earlier request with the same key.',
    schema: { type: 'string', enum: ['true'] },
    ...PROPOSAL,
  },
  SandboxTrouble: {
    description:
      'Kinds of trouble that the sandbox project has asked for (`createSandboxTrouble`), while any of it is on.',
    schema: { type: 'string', examples: ['api.latency, webhook.duplicate'] },
    ...PROPOSAL,
  },
  RetryAfter: {
    description: 'Seconds to wait before a retry.',
    schema: { type: 'integer', minimum: 0 },
    ...PROPOSAL,
  },
};

const errorExamples = (): JsonObject =>
  Object.fromEntries(
    Object.entries(ERRORS).map(([code, { meaning }]) => [
      code,
      { value: { code, message: meaning, details: [], requestId: 'req_01H9Xr...' } },
    ]),
  );

/** The document of the console: what its operations refer to and those of the API do not. */
const CONSOLE_PARAMETERS: JsonObject = {
  ConsoleHeader: {
    name: CONSOLE_HEADER,
    in: 'header',
    required: true,
    description:
      'Any value. A page of another origin cannot send it. An `Origin`, if there is one, is that of the server.',
    schema: { type: 'string', minLength: 1 },
    ...PROPOSAL,
  },
};

const CONSOLE_HEADERS: JsonObject = {
  RequestId: HEADERS.RequestId ?? {},
  RetryAfter: HEADERS.RetryAfter ?? {},
};

/** In a project the path says which; the operation itself need not. */
const inProject = (operation: Operation): Operation => ({
  ...operation,
  path: `/projects/:projectId${operation.path}`.replace(/\/$/, '') as Operation['path'],
  params: Type.Object({ projectId: PathId('prj'), ...operation.params?.properties }),
});

/**
 * Builds the OpenAPI 3.1 document of the console: what is about people, and what members may ask in a project beside the
 * operations of the API.
 */
export function buildConsoleDocument(
  people: readonly Operation[],
  ofProjects: readonly Operation[],
): OpenApiDocument {
  const registry = new SchemaRegistry();
  const operations = [...people, ...ofProjects.map(inProject)];
  const paths = pathsOf(operations, registry);
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenOMS console',
      version: BASE_PATH.slice(1),
      description:
        'What the dashboard is made of, for members of an organization. Every operation of the API is here too, by its own path below `/projects/{projectId}`, for those whose role permits it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: CONSOLE_PATH }],
    security: [{ Session: [] }],
    tags: [{ name: 'Console', description: TAG_DESCRIPTIONS.Console }],
    paths,
    webhooks: {},
    components: {
      securitySchemes: { Session: { type: 'apiKey', in: 'cookie', name: 'oms_session' } },
      parameters: CONSOLE_PARAMETERS,
      headers: CONSOLE_HEADERS,
      examples: errorExamples(),
      schemas: Object.fromEntries(Object.entries(registry.schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

/**
 * Builds the OpenAPI 3.1 document of the given operations, mounted under `basePath`, and of the event catalogue. Pure;
 * throws when two different schemas share a title.
 */
export function buildOpenApiDocument(
  operations: readonly Operation[],
  basePath: string = BASE_PATH,
): OpenApiDocument {
  const registry = new SchemaRegistry();
  const paths = pathsOf(operations, registry);
  const webhooks = webhooksOf(registry);
  const tags = [...new Set(operations.map((operation) => operation.tag))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenOMS API',
      version: basePath.slice(1),
      description: `Custodial wallets, cash, payments, bank accounts and webhooks. A fact that no public document states carries \`${EVIDENCE_KEYWORD}\`.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath }],
    security: [{ BearerAuth: [] }],
    tags: tags.map((name) => ({ name, description: TAG_DESCRIPTIONS[name] })),
    paths,
    webhooks,
    components: {
      securitySchemes: { BearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      parameters: PARAMETERS,
      headers: HEADERS,
      examples: errorExamples(),
      schemas: Object.fromEntries(Object.entries(registry.schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
