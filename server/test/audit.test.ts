import type { AuditEntry } from '@openoms/contract/audit-entries.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM } from '../src/audit/audit.ts';
import { checkInvariants } from '../src/invariants/check.ts';
import { must } from '../src/kernel/assert.ts';
import { MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type Project, type World } from './world.ts';

const PATH = '/v0.9/audit-entries';
const URL_WITH_TOKEN = 'https://hooks.example.com/t0ken?key=s3cret';
const CHAIN = 'the chain of audit entries is unbroken';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const actionsOf = (entries: readonly AuditEntry[]): string[] => entries.map(({ action }) => action);

/** Of a project with a webhook that was made, changed and deleted, and a setting that was changed. */
async function busyProject(): Promise<Project & { webhookId: string }> {
  const project = await world.newProject();
  const { client } = project;
  world.advance(MINUTE_MS);
  const { id } = await client.webhooks.create({ url: URL_WITH_TOKEN, events: ['cashIn.*'], enabled: false });
  await client.webhooks.update(id, { events: [] });
  await client.webhooks.delete(id);
  await client.settings.update({ quoteLifetimeSeconds: 120 });
  return { ...project, webhookId: id };
}

describe('the audit log', () => {
  it('says who changed what, by which request, and no secret', async () => {
    const { client, apiKey, apiSecret, projectId, webhookId } = await busyProject();
    const entries = await client.auditEntries.list().take(99);
    expect(entries.map(({ action, resourceId, details }) => [action, resourceId, details])).toEqual([
      ['settings.updated', projectId, { change: { quoteLifetimeSeconds: 120 } }],
      ['webhook.deleted', webhookId, {}],
      ['webhook.updated', webhookId, { change: { events: [] } }],
      [
        'webhook.created',
        webhookId,
        { origin: 'https://hooks.example.com', events: ['cashIn.*'], enabled: false },
      ],
      ['apiKey.created', apiKey, { name: 'first key' }],
      ['project.created', projectId, { name: 'Test', mode: 'sandbox' }],
    ]);
    expect(entries.map(({ actor, requestId }) => [actor, requestId?.slice(0, 4)])).toEqual([
      ...Array(4).fill([`apiKey:${apiKey}`, 'req_']),
      ...Array(2).fill(['system', undefined]),
    ]);
    expect(entries.map(({ position }) => position)).toEqual([6, 5, 4, 3, 2, 1]);
    const text = JSON.stringify(entries);
    for (const secret of ['t0ken', 's3cret', apiSecret, 'whsec_']) expect(text).not.toContain(secret);
  });

  it('says what becomes of a webhook, and who did it, without its secrets', async () => {
    const { client } = await world.newProject();
    const receiver = await world.receiver();
    const { id } = await client.webhooks.create({ url: receiver.url });
    const rotated = await client.webhooks.rotateSecret(id, { overlapSeconds: 60 });
    await client.webhooks.replay(id, { resource: 'cst_x' });
    receiver.answerWith({ status: 410 });
    await client.customers.create({});
    await world.drain();
    const entries = await client.auditEntries.list({ resource: id }).take(9);
    expect(entries.map(({ actor, action, details }) => [actor.split(':')[0], action, details])).toEqual([
      ['system', 'webhook.disabled', { reason: 'gone' }],
      ['apiKey', 'webhook.replayed', { order: { resource: 'cst_x', onlyUndelivered: false }, deliveries: 0 }],
      ['apiKey', 'webhook.secretRotated', { overlapSeconds: 60 }],
      ['apiKey', 'webhook.created', { origin: new URL(receiver.url).origin, events: [], enabled: true }],
    ]);
    expect(JSON.stringify(entries)).not.toContain(rotated.secret);
  });

  it('has the id of the very request', async () => {
    const body = { quoteLifetimeSeconds: 60 };
    const reply = await world.fetch('PATCH', '/v0.9/settings', { body });
    const [latest] = await world.client.auditEntries.list({ limit: 1 }).take(1);
    expect(latest?.requestId).toBe(reply.headers.get('x-request-id'));
  });

  it('can be had by resource, action and time, in pages', async () => {
    const { client, webhookId, projectId } = await busyProject();
    const { auditEntries } = client;
    const ofWebhook = ['webhook.deleted', 'webhook.updated', 'webhook.created'];
    expect(actionsOf(await auditEntries.list({ resource: webhookId }).take(9))).toEqual(ofWebhook);
    expect(actionsOf(await auditEntries.list({ action: 'webhook.deleted' }).take(9))).toEqual([ofWebhook[0]]);
    expect(await auditEntries.list({ action: 'webhook.deleted', resource: projectId }).take(9)).toEqual([]);
    expect(await auditEntries.list({ action: 'nothing' }).take(9)).toEqual([]);
    const all = await auditEntries.list().take(9);
    for (const limit of [1, 2, 5, 6]) expect(await auditEntries.list({ limit }).take(9)).toEqual(all);
    const madeAt = must(all.at(-1), 'the first entry').createdAt;
    expect(await auditEntries.list({ createdBefore: madeAt }).take(9)).toEqual(all.slice(4));
    expect(await auditEntries.list({ createdAfter: must(all[3], 'an entry').createdAt }).take(9)).toEqual(
      all.slice(0, 4),
    );
  });

  it('is written with what it tells of, or not at all', async () => {
    const { client } = await world.newProject();
    const before = await client.auditEntries.list().take(9);
    await expect(client.webhooks.create({ url: 'https://10.0.0.1/' })).rejects.toMatchObject({ status: 400 });
    await expect(client.webhooks.delete('whk_x')).rejects.toMatchObject({ status: 404 });
    await expect(client.settings.update({ quoteLifetimeSeconds: 0 })).rejects.toMatchObject({ status: 400 });
    expect(await client.auditEntries.list().take(9)).toEqual(before);
    const idempotencyKey = world.key();
    for (let n = 0; n < 2; n++)
      await client.settings.update({ quoteLifetimeSeconds: 90 }, { idempotencyKey });
    expect(await client.auditEntries.list().take(9)).toHaveLength(before.length + 1);
  });

  it('is nobody else’s', async () => {
    const { webhookId } = await busyProject();
    const stranger = await world.newProject();
    expect(await stranger.client.auditEntries.list({ resource: webhookId }).take(1)).toEqual([]);
    expect(await world.fetch('GET', PATH, { as: null })).toMatchObject({ status: 401 });
    const reply = await world.fetch('GET', `${PATH}?limit=0&action=&resource=%00&createdAfter=x`);
    expect(reply.json.details.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'action',
      'createdAfter',
      'limit',
      'resource',
    ]);
  });
});

describe('the chain of audit entries', () => {
  const findings = async (): Promise<string[]> =>
    (await checkInvariants(world.context.db))
      .filter(({ rule }) => rule === CHAIN)
      .map(({ subject }) => subject);

  it('has one order when many record at once', async () => {
    const { projectId, client } = await world.newProject();
    const { db, audit } = world.context;
    const record = (n: number) =>
      db.tx(projectId, (tx) =>
        audit.record(
          tx,
          { ...SYSTEM, action: 'webhook.disabled', resourceId: 'whk_x', details: { n } },
          { ...SYSTEM, action: 'webhook.tested', resourceId: 'whk_x', details: { n } },
        ),
      );
    await Promise.all(Array.from({ length: 20 }, (_, n) => record(n)));
    const entries = await client.auditEntries.list({ resource: 'whk_x' }).take(99);
    expect(entries.map(({ position }) => position).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 3),
    );
    expect(new Set(entries.map(({ hash }) => hash)).size).toBe(40);
    expect(await findings()).toEqual([]);
  });

  it('tells when an entry was changed, taken out or cut off', async () => {
    const { projectId, client } = await busyProject();
    const entries = await client.auditEntries.list().take(9);
    const { id = '', position = 0 } = entries[2] ?? {};
    const change = async (sql: string, values: unknown[], undo: string, undoValues: unknown[]) => {
      await world.force(sql, values);
      const found = await findings();
      await world.force(undo, undoValues);
      expect(await findings()).toEqual([]);
      return found;
    };
    const where = 'where project_id = $1 and audit_entry_id = $2';
    const keep = `create table kept_entry as select * from audit_entries ${where.replace('$1', `'${projectId}'`)}`;
    for (const column of ['actor', 'action', 'resource_id']) {
      const set = `update audit_entries set ${column} = case when ${column} = 'system' then 'apiKey:x' else 'system' end`;
      const [row] = await world.sql<{ value: string }>(`select ${column} value from audit_entries ${where}`, [
        projectId,
        id,
      ]);
      const back = `update audit_entries set ${column} = $3 ${where}`;
      expect(
        await change(`${set} ${where}`, [projectId, id], back, [projectId, id, row?.value]),
        column,
      ).toEqual([id]);
    }
    await world.sql(keep.replace('$2', `'${id}'`));
    const next = must(
      entries.find((each) => each.position === position + 1),
      'the next entry',
    );
    const last = must(entries[0], 'the last entry');
    const putBack = 'insert into audit_entries select * from kept_entry';
    expect(await change(`delete from audit_entries ${where}`, [projectId, id], putBack, [])).toContain(
      next.id,
    );
    await world.sql('drop table kept_entry');
    await world.sql(keep.replace('$2', `'${last.id}'`));
    expect(await change(`delete from audit_entries ${where}`, [projectId, last.id], putBack, [])).toEqual([
      'audit_heads',
    ]);
    await world.sql('drop table kept_entry');
  });

  it('is only added to, by whoever asks', async () => {
    const { projectId } = await busyProject();
    const asServer = (sql: string) => world.context.db.tx(projectId, (tx) => tx.query(sql, [projectId]));
    for (const sql of [
      'update audit_entries set actor = actor where project_id = $1',
      'delete from audit_entries where project_id = $1',
      'insert into audit_entries select * from audit_entries where project_id = $1',
      'update audit_heads set position = 0 where project_id = $1',
    ]) {
      await expect(asServer(sql), sql).rejects.toThrow('permission denied');
    }
    await expect(asServer(`select audit_append('prj_other', '[]', now()) where $1 <> ''`)).rejects.toThrow(
      'outside its project',
    );
    await expect(world.sql('update audit_entries set actor = actor')).rejects.toThrow('append-only');
    await expect(world.sql('truncate audit_entries')).rejects.toThrow('are kept');
  });
});
