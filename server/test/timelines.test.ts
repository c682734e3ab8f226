import { BANK_REASONS } from '@openoms/contract/bank-reasons.ts';
import type { Timeline } from '@openoms/contract/console/timeline.ts';
import { Timeline as TimelineSchema } from '@openoms/contract/console/timeline.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES, meaningOf, PICKUP_FAILURES } from '../src/timelines/explanations.ts';
import { createWorld, type World } from './world.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isTimeline = ajv.compile(TimelineSchema);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => world.drain());

async function timelineOf(id: string, projectId = world.project.projectId): Promise<Timeline> {
  const { db, timelines, requestRecorder } = world.context;
  await requestRecorder.flush();
  const timeline = await db.tx(projectId, (tx) =>
    id.startsWith('ci_') ? timelines.ofCashIn(tx, id) : timelines.ofTransaction(tx, id),
  );
  expect(isTimeline(timeline), JSON.stringify(isTimeline.errors)).toBe(true);
  const times = timeline.entries.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(timeline.entries.map((entry) => entry.id)).size).toBe(timeline.entries.length);
  return timeline;
}

const titles = ({ entries }: Timeline, kind: string) =>
  entries.filter((entry) => entry.kind === kind).map(({ title }) => title);

describe('the timeline of a cash-in', () => {
  it('goes from the code to the last delivery', async () => {
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url, events: ['cashIn.*', 'transaction.*'] } as never);
    const customer = await world.provisionedCustomer();
    const wallet = await world.wallet(customer);
    const cashIn = await world.cashIn(wallet);
    const waiting = await timelineOf(cashIn.id);
    expect(waiting.explanation).toMatchObject({ title: 'Waits for the cash' });
    expect(titles(waiting, 'rail')).toEqual(['Code given for the till']);

    await world.client.simulations.cashIn?.({ cashInId: cashIn.id } as never).catch(() => undefined);
    await world.drain();
    const after = await timelineOf(cashIn.id);
    console.log(JSON.stringify(after.entries.map((e) => [e.kind, e.title, e.outcome, e.facts.length]), null, 0));
    expect(after.explanation).toBeNull();
  });
});

describe('what explains a failure', () => {
  it('knows every code of a bank', () => {
    for (const { code, title } of BANK_REASONS) expect(meaningOf(code)).toBe(title);
  });
  it('has a text for each', () => {
    for (const each of Object.values(FAILURES)) {
      expect(each.title.length && each.meaning.length && each.nextStep.length).toBeGreaterThan(0);
    }
    expect(Object.keys(PICKUP_FAILURES)).toEqual(['out_of_cash', 'location_unavailable']);
  });
});
