import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import type { OperationId } from '@openoms/contract/operations.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../src/kernel/clock.ts';
import { createWorld, type RawReply, type World } from './world.ts';

/** The discard port, where nobody listens. */
const CLOSED_PORT = 'http://127.0.0.1:9/';
const CLIENTS = 50;
const WAITS_FOR_WORKER = /\/sandbox\/(reset|snapshots)/;
const POLYGON = { asset: 'usdc', chain: 'polygon' };
const HARMLESS_TROUBLE = { kind: 'api.latency', operationId: 'listNetworks', milliseconds: 1 } as const;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Keyed {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** The same operation with another intention. */
  readonly other: { readonly path?: string; readonly body?: object };
}

const newWallet = async () => world.wallet(await world.provisionedCustomer());
const newCashIn = async () => world.cashIn(await newWallet());
const newAccount = async () =>
  world.client.externalAccounts.create(
    (await world.client.customers.create({})).id,
    EXAMPLE_EXTERNAL_ACCOUNT,
  );
const USDC = { asset: 'usdc', network: 'polygon' };

/** A body of a quote of which a customer's wallet could pay a hundred. */
const quoteBody = async (amount: string) => {
  const customer = await world.provisionedCustomer();
  const wallet = await world.fundedWallet(customer, '100.00');
  const target = await world.wallet(customer);
  return {
    customerId: customer.id,
    source: { walletId: wallet.id, ...USDC, amount },
    destination: { wallet: { id: target.id }, ...USDC },
  };
};
const newQuote = async () => world.client.quotes.create(await quoteBody('2.00'));
/** Cash that waits for the customer. */
const newPickup = async () => {
  const customer = await world.provisionedCustomer();
  const started = await world.cashOut(await world.fundedWallet(customer, '100.00'));
  await world.drain();
  return started;
};
const virtualAccountBody = (walletId: string) => ({
  source: { asset: 'usd', network: 'usBank' },
  destination: { wallet: { wallet: walletId }, ...USDC },
});
const newVirtualAccount = async () => {
  const { customerId, id } = await newWallet();
  return world.client.virtualAccounts.create(customerId, virtualAccountBody(id));
};
const depositAddressBody = (walletId: string) => ({
  source: USDC,
  destination: { wallet: { wallet: walletId }, ...USDC },
});
const newDepositAddress = async () => {
  const { customerId, id } = await newWallet();
  return world.client.depositAddresses.create(customerId, depositAddressBody(id));
};
const newWebhook = () => world.client.webhooks.create({ url: CLOSED_PORT });
/** A delivery, which is never taken, of an endpoint that has nothing else to be sent. */
const newDelivery = async () => {
  const { id } = await world.client.webhooks.create({ url: CLOSED_PORT, events: ['webhook.test'] });
  return world.client.webhooks.test(id);
};

const newSnapshot = async () => {
  const { name } = await world.during(world.client.sandbox.snapshots.create(world.key()));
  return name;
};

/** A fresh request of each operation that takes a key. */
const REQUESTS: Partial<Record<OperationId, () => Promise<Keyed>>> = {
  createCustomer: async () => ({
    method: 'POST',
    path: '/v0.9/customers',
    body: EXAMPLE_CUSTOMER,
    other: { body: { ...EXAMPLE_CUSTOMER, lastName: 'Doe' } },
  }),
  updateCustomer: async () => ({
    method: 'PATCH',
    path: `/v0.9/customers/${(await world.provisionedCustomer()).id}`,
    body: { lastName: 'Doe' },
    other: { body: { lastName: 'Roe' } },
  }),
  createWallet: async () => {
    const { id } = await world.provisionedCustomer();
    const other = await world.provisionedCustomer();
    const path = `/v0.9/customers/${id}/wallets`;
    return { method: 'POST', path, body: POLYGON, other: { path: `/v0.9/customers/${other.id}/wallets` } };
  },
  createExternalAccount: async () => ({
    method: 'POST',
    path: `/v0.9/customers/${(await world.client.customers.create({})).id}/external-accounts`,
    body: EXAMPLE_EXTERNAL_ACCOUNT,
    other: { body: { ...EXAMPLE_EXTERNAL_ACCOUNT, owner: { name: 'Bob Martin', type: 'individual' } } },
  }),
  deleteExternalAccount: async () => {
    const path = (account: { id: string }) => `/v0.9/external-accounts/${account.id}`;
    return { method: 'DELETE', path: path(await newAccount()), other: { path: path(await newAccount()) } };
  },
  deleteCustomerExternalAccount: async () => {
    const path = (account: { id: string; customerId: string }) =>
      `/v0.9/customers/${account.customerId}/external-accounts/${account.id}`;
    return { method: 'DELETE', path: path(await newAccount()), other: { path: path(await newAccount()) } };
  },
  createCashIn: async () => {
    const body = await world.cashInBody(await newWallet());
    const other = { ...body, source: { asset: 'usd', indicatedAmount: '99.00' } };
    return { method: 'POST', path: '/v0.9/cash-ins', body, other: { body: other } };
  },
  refreshCashIn: async () => {
    const other = await newCashIn();
    const path = `/v0.9/cash-ins/${(await newCashIn()).id}/refresh`;
    return { method: 'POST', path, other: { path: `/v0.9/cash-ins/${other.id}/refresh` } };
  },
  simulateBarcodeAuth: async () => {
    const barcode = (await newCashIn()).depositInstructions?.code;
    const path = '/v0.9/cash-ins/simulate/barcode-auth';
    const body = { barcode, amount: '20.00' };
    return { method: 'POST', path, body, other: { body: { barcode, amount: '21.00' } } };
  },
  simulateAuthCommit: async () => {
    const body = await world.authorizeAtTill(await newCashIn(), '40.00');
    const path = '/v0.9/cash-ins/simulate/auth-commit';
    return { method: 'POST', path, body, other: { body: { ...body, amount: '30.00' } } };
  },
  createQuote: async () => {
    const body = await quoteBody('2.00');
    const other = { ...body, source: { ...body.source, amount: '3.00' } };
    return { method: 'POST', path: '/v0.9/quotes', body, other: { body: other } };
  },
  createTransaction: async () => {
    const other = { quoteId: (await newQuote()).id };
    const body = { quoteId: (await newQuote()).id };
    return { method: 'POST', path: '/v0.9/transactions', body, other: { body: other } };
  },
  simulateTransaction: async () => ({
    method: 'POST',
    path: `/v0.9/transactions/${(await newPickup()).id}/simulate`,
    body: { event: 'cashCollected' },
    other: { body: { event: 'cashPickupExpired' } },
  }),
  simulateCashIn: async () => ({
    method: 'POST',
    path: `/v0.9/cash-ins/${(await world.cashIn(await newWallet())).id}/simulate`,
    body: { event: 'codeExpired' },
    other: { body: { event: 'orderDeclined' } },
  }),
  simulateStatementLine: async () => {
    const body = (reference: string) => ({ direction: 'credit', amount: '1.00', reference });
    const path = '/v0.9/sandbox/statement-lines';
    return { method: 'POST', path, body: body('1'), other: { body: body('2') } };
  },
  simulateEndorsements: async () => {
    const { id } = await world.provisionedCustomer();
    const path = `/v0.9/customers/${id}/endorsements/simulate`;
    const body = (event: string) => ({ event, endorsements: ['usd'] });
    return { method: 'POST', path, body: body('rejected'), other: { body: body('granted') } };
  },
  simulateWalletDeposit: async () => {
    const body = (value: string) => ({ token: 'other', amount: { value } });
    const path = `/v0.9/wallets/${(await newWallet()).id}/simulate`;
    return { method: 'POST', path, body: body('1.00'), other: { body: body('2.00') } };
  },
  simulateRate: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/rates',
    body: { pair: 'usdt/usd', rate: '0.99' },
    other: { body: { pair: 'usdt/usd', rate: null } },
  }),
  createVirtualAccount: async () => {
    const { customerId, id } = await newWallet();
    const path = `/v0.9/customers/${customerId}/virtual-accounts`;
    const body = virtualAccountBody(id);
    return { method: 'POST', path, body, other: { body: { ...body, label: 'other' } } };
  },
  updateVirtualAccount: async () => ({
    method: 'PATCH',
    path: `/v0.9/virtual-accounts/${(await newVirtualAccount()).id}`,
    body: { label: 'one' },
    other: { body: { label: 'other' } },
  }),
  deleteVirtualAccount: async () => {
    const path = ({ id }: { id: string }) => `/v0.9/virtual-accounts/${id}`;
    const other = path(await newVirtualAccount());
    return { method: 'DELETE', path: path(await newVirtualAccount()), other: { path: other } };
  },
  simulateVirtualAccountDeposit: async () => {
    const path = `/v0.9/virtual-accounts/${(await newVirtualAccount()).id}/simulate`;
    const body = (value: string) => ({ rail: 'ach_in', amount: { value, currency: 'USD' } });
    return { method: 'POST', path, body: body('5.00'), other: { body: body('6.00') } };
  },
  createDepositAddress: async () => {
    const { customerId, id } = await newWallet();
    const path = `/v0.9/customers/${customerId}/deposit-addresses`;
    const body = depositAddressBody(id);
    return { method: 'POST', path, body, other: { body: { ...body, label: 'other' } } };
  },
  updateDepositAddress: async () => ({
    method: 'PATCH',
    path: `/v0.9/deposit-addresses/${(await newDepositAddress()).id}`,
    body: { label: 'one' },
    other: { body: { label: 'other' } },
  }),
  deleteDepositAddress: async () => {
    const path = ({ id }: { id: string }) => `/v0.9/deposit-addresses/${id}`;
    const other = path(await newDepositAddress());
    return { method: 'DELETE', path: path(await newDepositAddress()), other: { path: other } };
  },
  releaseDepositAddress: async () => {
    const path = ({ id }: { id: string }) => `/v0.9/deposit-addresses/${id}/release`;
    const other = path(await newDepositAddress());
    return { method: 'POST', path: path(await newDepositAddress()), other: { path: other } };
  },
  createSandboxProjects: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/projects',
    body: { projects: [{ name: 'One', seed: 'one' }] },
    other: { body: { count: 1 } },
  }),
  createSandboxApiKey: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/api-keys',
    body: { name: 'one' },
    other: { body: { name: 'other' } },
  }),
  setSandboxClock: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/clock',
    body: { resume: true },
    other: { body: { freeze: true } },
  }),
  createSandboxTrouble: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/trouble',
    body: HARMLESS_TROUBLE,
    other: { body: { ...HARMLESS_TROUBLE, times: 2 } },
  }),
  deleteSandboxTrouble: async () => {
    const path = async () =>
      `/v0.9/sandbox/trouble/${(await world.client.sandbox.trouble.create(HARMLESS_TROUBLE)).id}`;
    return { method: 'DELETE', path: await path(), other: { path: await path() } };
  },
  deleteAllSandboxTrouble: async () => {
    const path = '/v0.9/sandbox/trouble';
    return { method: 'DELETE', path, other: { path: `${path}/tbl_1` } };
  },
  resetSandbox: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/reset',
    body: {},
    other: { body: { startsAt: '2026-01-01T00:00:00Z' } },
  }),
  createSandboxSnapshot: async () => ({
    method: 'POST',
    path: '/v0.9/sandbox/snapshots',
    body: { name: world.key() },
    other: { body: { name: world.key() } },
  }),
  restoreSandboxSnapshot: async () => ({
    method: 'POST',
    path: `/v0.9/sandbox/snapshots/${await newSnapshot()}/restore`,
    other: { path: `/v0.9/sandbox/snapshots/${await newSnapshot()}/restore` },
  }),
  deleteSandboxSnapshot: async () => ({
    method: 'DELETE',
    path: `/v0.9/sandbox/snapshots/${await newSnapshot()}`,
    other: { path: `/v0.9/sandbox/snapshots/${await newSnapshot()}` },
  }),
  simulateDeposit: async () => {
    const path = `/v0.9/deposit-addresses/${(await newDepositAddress()).id}/simulate`;
    const body = (value: string) => ({ amount: { value } });
    return { method: 'POST', path, body: body('5.00'), other: { body: body('6.00') } };
  },
  createWebhook: async () => ({
    method: 'POST',
    path: '/v0.9/webhooks',
    body: { url: CLOSED_PORT },
    other: { body: { url: `${CLOSED_PORT}b` } },
  }),
  updateWebhook: async () => ({
    method: 'PATCH',
    path: `/v0.9/webhooks/${(await newWebhook()).id}`,
    body: { enabled: false },
    other: { body: { enabled: true } },
  }),
  deleteWebhook: async () => {
    const other = await newWebhook();
    const path = `/v0.9/webhooks/${(await newWebhook()).id}`;
    return { method: 'DELETE', path, other: { path: `/v0.9/webhooks/${other.id}` } };
  },
  rotateWebhookSecret: async () => ({
    method: 'POST',
    path: `/v0.9/webhooks/${(await newWebhook()).id}/rotate-secret`,
    body: { overlapSeconds: 60 },
    other: { body: { overlapSeconds: 0 } },
  }),
  testWebhook: async () => {
    const path = ({ id }: { id: string }) => `/v0.9/webhooks/${id}/test`;
    return { method: 'POST', path: path(await newWebhook()), other: { path: path(await newWebhook()) } };
  },
  retryWebhookDelivery: async () => {
    const path = ({ webhookId, id }: { webhookId: string; id: string }) =>
      `/v0.9/webhooks/${webhookId}/deliveries/${id}/retry`;
    return { method: 'POST', path: path(await newDelivery()), other: { path: path(await newDelivery()) } };
  },
  replayWebhook: async () => {
    const { webhookId, eventId } = await newDelivery();
    const body = { eventIds: [eventId] };
    const other = { body: { ...body, onlyUndelivered: true } };
    return { method: 'POST', path: `/v0.9/webhooks/${webhookId}/replay`, body, other };
  },
  updateSettings: async () => ({
    method: 'PATCH',
    path: '/v0.9/settings',
    body: { gasFee: '0.01' },
    other: { body: { gasFee: '0.02' } },
  }),
};

const keyed = Object.values(OPERATIONS).filter(({ idempotency }) => idempotency !== 'none');

const sendWith = (key: string, { method, path, body }: Omit<Keyed, 'other'>): Promise<RawReply> =>
  world.fetch(method, path, { headers: { 'idempotency-key': key }, ...(body && { body }) });

/** The same of a request that takes effect, for which it may need the worker. */
const sendFirstWith = (key: string, request: Omit<Keyed, 'other'>): Promise<RawReply> =>
  withWorker(request.path, sendWith(key, request));

const withWorker = (path: string, answer: Promise<RawReply>): Promise<RawReply> =>
  WAITS_FOR_WORKER.test(path) ? world.during(answer) : answer;

/** Everything that a request could have left behind. */
async function effects(): Promise<unknown> {
  const tables = [
    'customers',
    'wallets',
    'external_accounts',
    'cash_ins',
    'quotes',
    'transactions',
    'virtual_accounts',
    'deposit_addresses',
    'trouble_rules',
    'bank_payouts',
    'bank_credits',
    'cash_pickups',
    'events',
    'webhooks',
    'webhook_deliveries',
    'audit_entries',
    'ledger_transfers',
    'sends',
    'jobs',
  ];
  const counts = tables.map((table) => `select '${table}' as name, count(*)::int from ${table}`);
  // Asking for a delivery again changes what is queued for it.
  counts.push(`select 'requested', coalesce(sum(requests), 0)::int from webhook_queue`);
  return world.sql(counts.join(' union all '));
}

describe.each(keyed.map((operation) => [operation.operationId, operation.idempotency] as const))(
  '%s',
  (operationId, rule) => {
    const fresh = async (): Promise<Keyed> => {
      const make = REQUESTS[operationId];
      if (!make) throw new Error(`no request of ${operationId} to repeat`);
      return make();
    };

    it('is answered again byte for byte, without a second effect', async () => {
      const request = await fresh();
      const key = world.key();
      const first = await sendFirstWith(key, request);
      expect(first.status).toBeLessThan(300);
      expect(first.headers.has('idempotent-replayed')).toBe(false);
      const before = await effects();
      const again = await sendWith(key, request);
      expect({ status: again.status, text: again.text }).toEqual({ status: first.status, text: first.text });
      expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(await effects()).toEqual(before);
    });

    it('is refused for another request under the same key', async () => {
      const request = await fresh();
      const key = world.key();
      await sendFirstWith(key, request);
      const before = await effects();
      expect(await sendWith(key, { ...request, ...request.other })).toMatchObject({
        status: 409,
        json: { code: 'idempotency_conflict' },
      });
      expect(await effects()).toEqual(before);
    });

    it(`${rule === 'required' ? 'needs' : 'does not need'} a key`, async () => {
      const { method, path, body } = await fresh();
      const reply = await withWorker(path, world.fetch(method, path, body && { body }));
      if (rule === 'optional') return expect(reply.status).toBeLessThan(300);
      expect(reply).toMatchObject({
        status: 400,
        json: { code: 'idempotency_key_required', details: [{ field: 'Idempotency-Key' }] },
      });
    });
  },
);

describe('fifty clients at once with one key', () => {
  it('have one effect; each gets the same reply or is told to come back', async () => {
    const request = await REQUESTS.createCustomer?.();
    if (!request) throw new Error('no request');
    const key = world.key();
    const before = await world.sql<{ count: number }>('select count(*)::int from customers');
    const replies = await Promise.all(Array.from({ length: CLIENTS }, () => sendWith(key, request)));
    const after = await world.sql<{ count: number }>('select count(*)::int from customers');
    expect(after[0]?.count).toBe((before[0]?.count ?? 0) + 1);
    const created = replies.filter(({ status }) => status === 201);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    expect(created.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 201)) {
      expect(reply).toMatchObject({ status: 409, json: { code: 'idempotency_in_progress' } });
      expect(reply.headers.get('retry-after')).toBe('1');
    }
    expect((await sendWith(key, request)).text).toBe(created[0]?.text);
  });

  it('take cash once', async () => {
    const wallet = await newWallet();
    const body = await world.authorizeAtTill(await world.cashIn(wallet), '40.00');
    const request = { method: 'POST', path: '/v0.9/cash-ins/simulate/auth-commit', body };
    const key = world.key();
    const replies = await Promise.all(Array.from({ length: CLIENTS }, () => sendWith(key, request)));
    expect(new Set(replies.filter(({ status }) => status === 200).map(({ text }) => text)).size).toBe(1);
    await world.drain();
    expect(await world.tokenBalance(wallet.address)).toBe(38_900_000n);
  });
});

describe('a key', () => {
  it('does not depend on the order of the fields or on white space', async () => {
    const key = world.key();
    const first = await sendWith(key, {
      method: 'POST',
      path: '/v0.9/customers',
      body: { lastName: 'A', email: 'a@b.co' },
    });
    const again = await world.fetch('POST', '/v0.9/customers', {
      headers: { 'idempotency-key': key },
      body: '{ "email": "a@b.co",\n  "lastName": "A" }',
    });
    expect(again.text).toBe(first.text);
  });

  it('is its project’s own', async () => {
    const other = await world.newProject();
    const key = world.key();
    const request = { body: {}, headers: { 'idempotency-key': key } };
    const mine = await world.fetch('POST', '/v0.9/customers', request);
    const theirs = await world.fetch('POST', '/v0.9/customers', { ...request, as: other });
    expect(theirs.status).toBe(201);
    expect(theirs.json.id).not.toBe(mine.json.id);
  });

  it('may be used again after a refusal before anything was decided', async () => {
    const key = world.key();
    const path = '/v0.9/customers';
    expect((await sendWith(key, { method: 'POST', path, body: { email: 'x' } })).status).toBe(400);
    expect(
      (await sendWith(key, { method: 'POST', path: `${path}/cst_x/wallets`, body: POLYGON })).status,
    ).toBe(404);
    expect((await sendWith(key, { method: 'POST', path, body: {} })).status).toBe(201);
  });

  it('keeps a refusal that was decided', async () => {
    const customer = await world.client.customers.create({});
    const wallet = await world.wallet(customer);
    const request = { method: 'POST', path: '/v0.9/cash-ins', body: await world.cashInBody(wallet) };
    const key = world.key();
    const refused = await sendWith(key, request);
    expect(refused).toMatchObject({ status: 422, json: { code: 'provider_account_not_provisioned' } });
    const { phone, birthDate, residentialAddress, identifyingInformation } = EXAMPLE_CUSTOMER;
    const identity = { phone, birthDate, residentialAddress, identifyingInformation };
    await world.client.customers.update(customer.id, identity);
    const again = await sendWith(key, request);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.text).toBe(refused.text);
    expect((await sendWith(world.key(), request)).status).toBe(201);
  });

  it('is answered for 72 hours, then refused: an old key never pays twice', async () => {
    const key = world.key();
    const request = { method: 'POST', path: '/v0.9/customers', body: {} };
    const first = await sendWith(key, request);
    world.advance(72 * HOUR_MS);
    expect((await sendWith(key, request)).text).toBe(first.text);
    world.advance(1);
    expect(await sendWith(key, request)).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_expired' },
    });
    world.advance(80 * DAY_MS);
    expect(await sendWith(key, request)).toMatchObject({ status: 422 });
  });
});

describe('the stored reply', () => {
  const CREATION = { method: 'POST', path: '/v0.9/webhooks', body: { url: CLOSED_PORT } };

  it.each([
    ['of a new webhook', async () => CREATION],
    [
      'of a rotation',
      async () => ({
        method: 'POST',
        path: `/v0.9/webhooks/${(await newWebhook()).id}/rotate-secret`,
        body: {},
      }),
    ],
  ])('%s does not show its secret', async (_, make) => {
    const [key, request] = [world.key(), await make()];
    const reply = await sendWith(key, request);
    const [row] = await world.sql<{ sealed_reply: Buffer }>(
      'select sealed_reply from idempotency_keys where key = $1',
      [key],
    );
    expect(reply.json.secret).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(row?.sealed_reply.toString('latin1')).not.toContain('whsec_');
    expect((await sendWith(key, request)).json.secret).toBe(reply.json.secret);
  });
});
