import { Check, Errors } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, EventType, exampleOf } from './event-types.ts';
import { EVENTS, type EventDefinition, EventEnvelope, type EventName } from './events.ts';
import { MAX_PAGE_LIMIT } from './pagination.ts';
import { COMPLIANCE_EVENTS, EVENTS_FOR_ALL, eventsNamedBy, isSubscribed } from './subscriptions.ts';

const NAMES = Object.keys(EVENTS) as EventName[];
const REVIEWS = NAMES.filter((name) => name.endsWith('.underReview'));

/** Resources whose id is not the `id` of the data: the wallet of a deposit, the review of a transaction. */
const ABOUT_ANOTHER: Readonly<Record<string, string>> = { wlt: 'walletId' };

describe('an event of the catalogue', () => {
  it.each(NAMES)('%s has an example that its schema accepts', (name) => {
    const schema = EventEnvelope(name, EVENTS[name].data);
    const example = exampleOf(name);
    expect(Check(schema, example) ? [] : Errors(schema, example)[1]).toEqual([]);
  });

  it.each(NAMES.filter((name) => !REVIEWS.includes(name)))(
    '%s has an example of its own resource',
    (name) => {
      const { resource, example }: EventDefinition = EVENTS[name];
      const id = (example as Record<string, string>)[ABOUT_ANOTHER[resource[0] ?? ''] ?? 'id'];
      expect(resource.map((prefix) => `${prefix}_`)).toContain(id?.replace(/[^_]*$/, ''));
    },
  );

  it('of a transaction has an example of its type and status', () => {
    for (const name of NAMES) {
      const [kind, type, outcome] = name.split('.');
      if (kind !== 'transaction') continue;
      const { example } = EVENTS[name] as { example: { type: string; status: string } };
      expect(example.type, name).toBe(type);
      const statuses = { returned: 'completed', refunded: 'failed', underReview: 'processing' };
      expect(example.status, name).toBe({ [String(outcome)]: outcome, ...statuses }[String(outcome)]);
    }
  });

  it('is in its wire form in the list of all, which is one page', () => {
    expect(EVENT_TYPES.map(({ name }) => name)).toEqual(NAMES);
    for (const each of EVENT_TYPES) expect(Check(EventType, each), each.name).toBe(true);
    expect(NAMES.length).toBeLessThanOrEqual(MAX_PAGE_LIMIT);
  });
});

describe('a subscription', () => {
  it.each([
    [[], true],
    [['*'], true],
    [['cashIn.*'], true],
    [['*.completed'], true],
    [['cashIn.completed'], true],
    [['cashIn.*.completed'], false],
    [['transaction.*'], false],
    [['cashin.completed'], false],
  ] as const)('to %j is told of cashIn.completed: %s', (patterns, expected) => {
    expect(isSubscribed(patterns, 'cashIn.completed')).toBe(expected);
  });

  it('is told of what is for compliance when it names it, and by no wildcard', () => {
    expect(COMPLIANCE_EVENTS).toEqual(REVIEWS);
    expect(REVIEWS).toHaveLength(3);
    const wildcards = [
      '*',
      'transaction.*',
      'transaction.*.*',
      'transaction.*.underReview',
      '*.*.underReview',
    ];
    for (const name of REVIEWS) {
      expect(isSubscribed([], name)).toBe(false);
      for (const pattern of [...wildcards, name.replace('underReview', '*')]) {
        expect(isSubscribed([pattern], name), pattern).toBe(false);
      }
      expect(isSubscribed(['cashIn.*', name], name)).toBe(true);
      expect(eventsNamedBy(name)).toEqual([name]);
    }
    expect(eventsNamedBy('transaction.*.underReview')).toEqual([]);
    expect(eventsNamedBy('*')).toEqual(EVENTS_FOR_ALL);
    expect([...EVENTS_FOR_ALL, ...COMPLIANCE_EVENTS].toSorted()).toEqual(NAMES.toSorted());
  });
});
