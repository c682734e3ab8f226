import { describe, expect, it } from 'vitest';
import { OpenOMS } from './openoms.ts';
import { answer, type Handler, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const IDS = ['cst_5', 'cst_4', 'cst_3', 'cst_2', 'cst_1'];

/** Serves IDS in pages; a cursor is the id beside which the page lies. */
const listHandler: Handler = ({ url }, response) => {
  const query = new URL(url, 'http://localhost').searchParams;
  const limit = Number(query.get('limit') ?? 50);
  const before = query.get('endingBefore');
  const after = query.get('startingAfter');
  const end = before === null ? IDS.length : IDS.indexOf(before);
  const start = before === null ? (after === null ? 0 : IDS.indexOf(after) + 1) : Math.max(0, end - limit);
  const ids = IDS.slice(start, Math.min(end, start + limit));
  answer(response, 200, {
    data: ids.map((id) => ({ id })),
    hasMore: before === null ? start + limit < IDS.length : start > 0,
    nextCursor: ids.at(-1) ?? null,
    previousCursor: ids[0] ?? null,
  });
};

const clientOf = (server: ScriptedServer): OpenOMS =>
  new OpenOMS({ baseUrl: server.baseUrl, apiKey: 'k', apiSecret: 's' });

describe('a list', () => {
  it('is iterated over all its pages, filters kept', async () => {
    await using server = await startScriptedServer({ onRequest: listHandler });
    const ids: string[] = [];
    for await (const customer of clientOf(server).customers.list({ limit: 2, status: 'active' })) {
      ids.push(customer.id);
    }
    expect(ids).toEqual(IDS);
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/v0.9/customers?limit=2&status=active',
      '/v0.9/customers?limit=2&status=active&startingAfter=cst_4',
      '/v0.9/customers?limit=2&status=active&startingAfter=cst_2',
    ]);
  });

  it('goes backwards from endingBefore', async () => {
    await using server = await startScriptedServer({ onRequest: listHandler });
    const list = clientOf(server).transactions.list({ limit: 2, endingBefore: 'cst_1' });
    const pages: string[][] = [];
    for await (const page of list.pages()) pages.push(page.data.map(({ id }) => id));
    expect(pages).toEqual([
      ['cst_3', 'cst_2'],
      ['cst_5', 'cst_4'],
    ]);
  });

  it('reads no page beyond the one that holds the last item taken', async () => {
    await using server = await startScriptedServer({ onRequest: listHandler });
    const customers = await clientOf(server).customers.list({ limit: 2 }).take(3);
    expect(customers.map(({ id }) => id)).toEqual(['cst_5', 'cst_4', 'cst_3']);
    expect(server.requests).toHaveLength(2);
  });

  it('may be empty', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) =>
        answer(response, 200, { data: [], hasMore: false, nextCursor: null, previousCursor: null }),
    });
    expect(await clientOf(server).webhooks.list().take(10)).toEqual([]);
  });

  it('fails rather than run for ever when the server repeats a cursor', async () => {
    await using server = await startScriptedServer({
      onRequest: (_, response) =>
        answer(response, 200, { data: [{ id: 'cst_1' }], hasMore: true, nextCursor: 'same' }),
    });
    await expect(clientOf(server).customers.list().take(100)).rejects.toThrow('repeats its cursor');
    expect(server.requests).toHaveLength(2);
  });
});
