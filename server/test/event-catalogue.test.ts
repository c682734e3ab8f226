import { EVENTS, type EventName } from '@openoms/contract/events.ts';
import { EVIDENCE_KEYWORD } from '@openoms/contract/operation.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecipePorts } from '../../cli/src/recipes/ports.ts';
import { RECIPES } from '../../cli/src/recipes/recipes.ts';
import { Steps } from '../../cli/src/recipes/steps.ts';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type World } from './world.ts';

const DECIDED = { timeout: 30_000, interval: 10 };
/** Selector of FiatToken's blacklist(address). */
const BLACKLIST = '0xf9f92be4';

const NAMES = Object.keys(EVENTS) as EventName[];

interface Recorded {
  readonly type: EventName;
  readonly resource_id: string;
  readonly data: object;
}

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
// Recipes whose money cannot move leave jobs that were tried in vain.
afterAll(() => world?.close({ expectFailures: true }));

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addKeyword(EVIDENCE_KEYWORD);
addFormats.default(ajv);

const recorded = () =>
  world.sql<Recorded & { event_id: string }>('select event_id, type, resource_id, data from events');

/** The worker moves when it is waited for, and the clock when something takes long. */
const ports = (): RecipePorts => ({
  client: world.client,
  onMade: () => undefined,
  until: async <T>(what: string, look: () => Promise<T | undefined>, takesMs = 0) => {
    await world.drain({ expectFailures: true });
    const found = await look();
    if (found !== undefined) return found;
    return vi.waitFor(async () => {
      world.advance(takesMs);
      await world.chain.mine();
      await world.drain({ expectFailures: true });
      return must(await look(), what);
    }, DECIDED);
  },
  outside: {
    refuseTransfersTo: (address) =>
      world.callToken(`${BLACKLIST}${address.slice(2).toLowerCase().padStart(64, '0')}`),
  },
});

describe('every event of the catalogue', () => {
  it.each(NAMES)('happens: %s', async (name) => {
    const before = new Set((await recorded()).map(({ event_id }) => event_id));
    const resourceId = await RECIPES[name].run(new Steps(ports()));
    await world.drain({ expectFailures: true });
    const caused = (await recorded()).filter(({ event_id }) => !before.has(event_id));
    const ofIt = caused.filter(({ resource_id }) => resource_id === resourceId);
    expect(ofIt.map(({ type }) => type)).toContain(name);
  });
});

describe('every event that is recorded', () => {
  it('is declared', async () => {
    const names = new Set<string>((await recorded()).map(({ type }) => type));
    expect([...names].sort()).toEqual(NAMES.toSorted());
  });

  it('is of a declared kind of resource', async () => {
    const wrong = (await recorded()).filter(
      ({ type, resource_id }) => !EVENTS[type].resource.includes(resource_id.replace(/_.*$/, '')),
    );
    expect(wrong).toEqual([]);
  });

  it('has data of the declared shape', async () => {
    const events = await recorded();
    const findings = [...Map.groupBy(events, ({ type }) => type)].flatMap(([type, ofType]) => {
      const isValid = ajv.compile(EVENTS[type].data);
      return ofType.flatMap(({ data }) =>
        isValid(data) ? [] : `${type}: ${ajv.errorsText(isValid.errors)}`,
      );
    });
    expect(findings).toEqual([]);
  });
});
