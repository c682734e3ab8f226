import type { Customer } from '@openoms/contract/customers.ts';
import { OPERATIONS as CONTRACT } from '@openoms/contract/operations.ts';
import { describe, expect, it } from 'vitest';
import { OmsError, OpenOMS, type OpenOMSOptions } from './openoms.ts';
import { OPERATIONS } from './operations.ts';
import { answer, type Handler, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

/** Records the waits it is asked for and does not wait. */
function recordedDelay() {
  const waitsMs: number[] = [];
  const delay: NonNullable<OpenOMSOptions['delay']> = async (durationMs) => {
    waitsMs.push(durationMs);
  };
  return { waitsMs, delay };
}

const clientOf = (server: ScriptedServer, options: Partial<OpenOMSOptions> = {}): OpenOMS =>
  new OpenOMS({
    baseUrl: server.baseUrl,
    apiKey: 'sk_sdbx_test',
    apiSecret: 'secret',
    delay: recordedDelay().delay,
    ...options,
  });

/** Answers the scripted statuses in order, then 200 with the given body. */
function inTurn(statuses: readonly [number, unknown?, object?][], body: unknown = { id: 'cst_1' }): Handler {
  let turn = 0;
  return (_, response) => {
    const [status, errorBody, headers] = statuses[turn++] ?? [200, body];
    answer(response, status, errorBody ?? { code: `code_${status}`, message: 'no' }, headers);
  };
}

const refusalOf = async (call: Promise<unknown>): Promise<OmsError> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OmsError) return error;
  throw new Error('the call was to fail with an OmsError', { cause: error });
};

describe('the operation table', () => {
  it('says what the contract says', () => {
    const expected = Object.values(CONTRACT).map(({ operationId, method, path, auth, idempotency }) => [
      operationId,
      { method, path, auth, idempotency },
    ]);
    expect(OPERATIONS).toEqual(Object.fromEntries(expected));
  });
});

describe('tokens', () => {
  it('are exchanged once for any number of concurrent calls', async () => {
    await using server = await startScriptedServer({ onRequest: inTurn([]) });
    const oms = clientOf(server);
    await Promise.all(Array.from({ length: 20 }, () => oms.customers.get('cst_1')));
    expect(server.exchanges).toBe(1);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer token-1']),
    );
  });

  it('are exchanged once more when concurrent calls meet a 401, and the calls succeed', async () => {
    const onRequest: Handler = ({ headers }, response) =>
      headers.authorization === 'Bearer token-1'
        ? answer(response, 401, { code: 'token_expired', message: 'expired' })
        : answer(response, 200, { id: 'cst_1' });
    await using server = await startScriptedServer({ onRequest });
    const oms = clientOf(server);
    await Promise.all(Array.from({ length: 10 }, () => oms.customers.get('cst_1')));
    expect(server.exchanges).toBe(2);
  });

  it('are exchanged only once after a 401: a second 401 is the answer', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => answer(response, 401, { code: 'unauthorized', message: 'no' }),
    });
    const error = await refusalOf(clientOf(server).customers.get('cst_1'));
    expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
    expect([server.exchanges, server.requests.length]).toEqual([2, 2]);
  });

  it('keep the idempotency key of a mutation when it is sent again with a new one', async () => {
    const onRequest: Handler = ({ headers }, response) =>
      answer(response, headers.authorization === 'Bearer token-1' ? 401 : 201, { id: 'cst_1' });
    await using server = await startScriptedServer({ onRequest });
    await clientOf(server).customers.create({});
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it('are renewed before they expire', async () => {
    await using server = await startScriptedServer({
      onRequest: inTurn([]),
      onExchange: (_, response) => answer(response, 200, { accessToken: 'short', expiresIn: 0 }),
    });
    const oms = clientOf(server);
    await oms.customers.get('cst_1');
    await oms.customers.get('cst_1');
    expect(server.exchanges).toBe(2);
  });

  it('are not asked for again when the key itself is refused', async () => {
    await using server = await startScriptedServer({
      onRequest: inTurn([]),
      onExchange: (_, response) => answer(response, 401, { code: 'invalid_credentials', message: 'no' }),
    });
    const error = await refusalOf(clientOf(server).customers.get('cst_1'));
    expect(error).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect([server.exchanges, server.requests.length]).toEqual([1, 0]);
  });

  it('arrive for the other callers when one of them gives up', async () => {
    const asked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using server = await startScriptedServer({
      onRequest: inTurn([]),
      onExchange: async (_, response) => {
        asked.resolve();
        await release.promise;
        answer(response, 200, { accessToken: 'late', expiresIn: 3600 });
      },
    });
    const oms = clientOf(server);
    const controller = new AbortController();
    const abandoned = oms.customers.get('cst_1', { signal: controller.signal });
    const kept = oms.customers.get('cst_2');
    await asked.promise;
    controller.abort(new Error('gave up'));
    await expect(abandoned).rejects.toThrow('gave up');
    release.resolve();
    await expect(kept).resolves.toEqual({ id: 'cst_1' });
    expect(server.exchanges).toBe(1);
  });
});

describe('retries', () => {
  it.each([[408], [429], [500], [502], [503]])('repeat a mutation after %i with its key', async (status) => {
    await using server = await startScriptedServer({ onRequest: inTurn([[status], [status]]) });
    const customer: Customer = await clientOf(server).customers.create({ firstName: 'Jane' });
    expect(customer.id).toBe('cst_1');
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('repeat a mutation whose connection broke, with its key', async () => {
    let turn = 0;
    const onRequest: Handler = (_, response) =>
      turn++ === 0 ? void response.destroy() : answer(response, 201, { id: 'cst_1' });
    await using server = await startScriptedServer({ onRequest });
    await clientOf(server).customers.create({});
    expect(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(server.requests).toHaveLength(2);
  });

  it('wait as long as Retry-After says, for a limit as for a key in progress', async () => {
    const { waitsMs, delay } = recordedDelay();
    const onRequest = inTurn([
      [429, undefined, { 'retry-after': '17' }],
      [409, { code: 'idempotency_in_progress', message: 'wait' }, { 'retry-after': '9' }],
    ]);
    await using server = await startScriptedServer({ onRequest });
    await clientOf(server, { delay }).customers.create({});
    expect(waitsMs).toEqual([17_000, 9_000]);
  });

  it('are not tried when Retry-After is longer than a caller should be kept', async () => {
    await using server = await startScriptedServer({
      onRequest: inTurn([[429, undefined, { 'retry-after': '3600' }]]),
    });
    expect(await refusalOf(clientOf(server).customers.get('cst_1'))).toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [400, 'validation_error'],
    [404, 'not_found'],
    [409, 'idempotency_conflict'],
    [422, 'limit_exceeded'],
  ])('are not tried after %i %s', async (status, code) => {
    await using server = await startScriptedServer({
      onRequest: inTurn([[status, { code, message: 'no' }]]),
    });
    expect(await refusalOf(clientOf(server).customers.get('cst_1'))).toMatchObject({ status, code });
    expect(server.requests).toHaveLength(1);
  });

  it('end after maxRetries with the last answer', async () => {
    const { waitsMs, delay } = recordedDelay();
    await using server = await startScriptedServer({
      onRequest: (_, response) => answer(response, 503, { code: 'provider_unavailable', message: 'later' }),
    });
    const error = await refusalOf(clientOf(server, { delay, maxRetries: 3 }).customers.get('cst_1'));
    expect(error).toMatchObject({ status: 503, code: 'provider_unavailable' });
    expect([server.requests.length, waitsMs.length]).toEqual([4, 3]);
  });

  it('follow an attempt that had no answer within timeoutMs', async () => {
    let turn = 0;
    const onRequest: Handler = (_, response) =>
      turn++ === 0 ? undefined : answer(response, 200, { id: 'cst_1' });
    await using server = await startScriptedServer({ onRequest });
    const oms = clientOf(server, { timeoutMs: 500 });
    await expect(oms.customers.get('cst_1')).resolves.toEqual({ id: 'cst_1' });
    expect(server.requests).toHaveLength(2);
  });

  it('are over when an answer stops half-way and no attempts are left', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"id":');
      },
    });
    const oms = clientOf(server, { timeoutMs: 500, maxRetries: 0 });
    expect(await refusalOf(oms.customers.get('cst_1'))).toMatchObject({ status: 0, code: 'timeout' });
  });

  it('end at once when the caller aborts', async () => {
    const controller = new AbortController();
    await using server = await startScriptedServer({
      onRequest: () => controller.abort(new Error('changed my mind')),
    });
    const call = clientOf(server).customers.get('cst_1', { signal: controller.signal });
    await expect(call).rejects.toThrow('changed my mind');
    expect(server.requests).toHaveLength(1);
  });

  it('end at once when the caller aborts during a wait', async () => {
    const controller = new AbortController();
    const onRequest: Handler = (_, response) => {
      answer(response, 429, { code: 'rate_limited', message: 'wait' }, { 'retry-after': '50' });
      response.on('close', () => controller.abort(new Error('not that long')));
    };
    await using server = await startScriptedServer({ onRequest });
    const { apiKey, apiSecret } = { apiKey: 'k', apiSecret: 's' };
    const oms = new OpenOMS({ baseUrl: server.baseUrl, apiKey, apiSecret });
    await expect(oms.customers.get('cst_1', { signal: controller.signal })).rejects.toThrow('not that long');
  });
});

describe('requests', () => {
  it('carry the idempotency key of the caller', async () => {
    await using server = await startScriptedServer({ onRequest: inTurn([]) });
    await clientOf(server).wallets.create(
      'cst_1',
      { asset: 'usdc', chain: 'polygon' },
      { idempotencyKey: 'mine' },
    );
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v0.9/customers/cst_1/wallets' });
    expect(server.requests[0]?.headers['idempotency-key']).toBe('mine');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ asset: 'usdc', chain: 'polygon' });
  });

  it('have a key of their own for each logical mutation and none for a read', async () => {
    await using server = await startScriptedServer({ onRequest: inTurn([]) });
    const oms = clientOf(server);
    await oms.customers.create({});
    await oms.customers.create({});
    await oms.customers.update('cst_1', { lastName: 'Smith' });
    await oms.customers.get('cst_1');
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys.slice(0, 3)).size).toBe(3);
    expect(keys[3]).toBeUndefined();
  });

  it('escape ids, and refuse those that would address another resource', async () => {
    await using server = await startScriptedServer({ onRequest: inTurn([]) });
    const oms = clientOf(server);
    await oms.customers.get('a/b?c');
    expect(server.requests[0]?.url).toBe('/v0.9/customers/a%2Fb%3Fc');
    for (const id of ['', '.', '..']) await expect(oms.customers.get(id)).rejects.toThrow(TypeError);
  });

  it('take a base URL with the version, too', async () => {
    await using server = await startScriptedServer({ onRequest: inTurn([]) });
    await clientOf(server, { baseUrl: `${server.baseUrl}/v0.9/` }).customers.get('cst_1');
    expect(server.requests[0]?.url).toBe('/v0.9/customers/cst_1');
  });

  it('do not follow a redirect', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => answer(response, 307, {}, { location: '/elsewhere' }),
    });
    expect(await refusalOf(clientOf(server).customers.get('cst_1'))).toMatchObject({ status: 307 });
    expect(server.requests).toHaveLength(1);
  });

  it('answer undefined for 204', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => void response.writeHead(204).end(),
    });
    await expect(clientOf(server).webhooks.delete('whk_1')).resolves.toBeUndefined();
  });
});

describe('errors', () => {
  it('hold all that the server said', async () => {
    const body = {
      code: 'provider_account_not_provisioned',
      message: 'provider account not provisioned for this customer',
      details: [{ field: 'phone', issue: 'required' }],
      requestId: 'req_1',
    };
    await using server = await startScriptedServer({ onRequest: inTurn([[422, body]]) });
    const error = await refusalOf(clientOf(server).customers.balance('cst_1'));
    expect(error).toMatchObject({ status: 422, ...body });
  });

  it('have a code also when a proxy answers', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) => void response.writeHead(413, { 'x-request-id': 'req_2' }).end('<html>'),
    });
    const error = await refusalOf(clientOf(server).customers.get('cst_1'));
    expect(error).toMatchObject({ status: 413, code: 'http_error', requestId: 'req_2', details: [] });
  });
});
