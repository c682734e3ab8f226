import type { PlantedBug } from './planted-bug.ts';

/** In what is sent to webhooks, where, and how often. */
export const WEBHOOK_BUGS: readonly PlantedBug[] = [
  {
    name: 'the outbox forgets the second event of a commit',
    file: 'server/src/events/events.ts',
    find: '         where $7 and exists (select from event_listeners where project_id = $1)',
    replace: '         where $7 and exists (select from event_listeners where project_id = $1) limit 1',
    tests: ['server/test/webhook-hand-over.test.ts'],
  },
  {
    name: 'a retry of what was delivered is swallowed',
    file: 'server/src/webhooks/service.ts',
    find: '    await this.#queue(tx, webhook, [toNotice(event)]);',
    replace: `    if (row.status !== 'delivered') await this.#queue(tx, webhook, [toNotice(event)]);`,
    tests: ['server/test/webhook-deliveries.test.ts'],
  },
  {
    name: 'the secret before a rotation never ends',
    file: 'server/src/webhooks/queue-store.ts',
    find: 'case when w.previous_secret_until > $5 then',
    replace: `case when w.previous_secret_until > $5::timestamptz - interval '8 days' then`,
    tests: ['server/test/webhook-rotation.test.ts'],
  },
  {
    name: 'an endpoint that says it is gone stays on',
    file: 'server/src/webhooks/outcome.ts',
    find: '=> statusCode === GONE;',
    replace: '=> statusCode === GONE + 1;',
    tests: ['server/test/webhook-health.test.ts'],
  },
  {
    name: 'Retry-After is ignored',
    file: 'server/src/webhooks/outcome.ts',
    find: '? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;',
    replace: '? Math.min(Math.max(ms, 0), 0) : 0;',
    tests: ['server/test/webhook-health.test.ts'],
  },
  {
    name: 'the next event of a resource overtakes one that waits for its next attempt',
    file: 'server/migrations/0021_events_by_day.sql',
    find: '        and resource_id > p_after',
    replace: '        and resource_id > p_after and due_at <= p_now',
    tests: ['server/test/webhook-deliveries.test.ts'],
  },
  {
    name: 'wildcards reach events for compliance',
    file: 'contract/subscriptions.ts',
    find: 'isForCompliance(name) ? pattern === name : matchesEventPattern(pattern, name)',
    replace: 'matchesEventPattern(pattern, name)',
    tests: ['contract/events.test.ts', 'server/test/reviews.test.ts'],
  },
  {
    name: 'a private address passes when it is mapped into IPv6',
    file: 'server/src/kernel/egress.ts',
    find: `const GLOBAL_UNICAST_IPV6: readonly Network[] = [['2000::', 3]];`,
    replace: `const GLOBAL_UNICAST_IPV6: readonly Network[] = [['2000::', 3], ['::ffff:0:0', 96]];`,
    tests: ['server/src/kernel/egress.test.ts', 'server/test/ssrf.test.ts'],
  },
  {
    name: 'the rate limit of an endpoint is ignored',
    file: 'server/src/webhooks/courier.ts',
    find: '+ SECOND_MS / endpoint.rateLimit',
    replace: '+ 0 / endpoint.rateLimit',
    tests: ['server/test/webhook-deliveries.test.ts'],
  },
  {
    name: 'a replay goes past the subscription',
    file: 'server/src/webhooks/service.ts',
    find: `        types: order.eventIds
          ? undefined
`,
    replace: `        types: order
          ? undefined
`,
    tests: ['server/test/conformance-suite.test.ts'],
  },
  {
    name: 'an endpoint that fails again and again never rests',
    file: 'server/src/webhooks/outcome.ts',
    find: '  if (count <= trips(before)) return 0;',
    replace: '  if (count >= trips(before)) return 0;',
    tests: ['server/test/webhook-health.test.ts'],
  },
  {
    name: 'an attempt under way answers what was asked for after it began',
    file: 'server/migrations/0021_events_by_day.sql',
    find: `case when asked = requests then outcome else 'asked' end`,
    replace: 'outcome',
    tests: ['server/test/webhook-deliveries.test.ts'],
  },
  {
    name: 'two workers deliver to one endpoint',
    file: 'server/src/webhooks/queue-store.ts',
    find: 'h.leased_until <= $2 or h.lease_token = $1 and',
    replace: 'h.lease_token <> $1 or h.leased_until <= $2 or h.lease_token = $1 and',
    tests: ['server/test/webhook-hand-over.test.ts'],
  },
];
