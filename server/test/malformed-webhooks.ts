import type { ErrorCode } from '@openoms/contract/errors.ts';
import { EVENTS } from '@openoms/contract/events.ts';

export type Expected = ErrorCode | readonly string[];
/** A list of fields stands for `validation_error` with exactly these details. */
export type Case = readonly [what: string, method: string, path: string, body: unknown, expected: Expected];

const WEBHOOKS = '/v0.9/webhooks';
const WEBHOOK = `${WEBHOOKS}/whk_x`;
const DELIVERIES = `${WEBHOOK}/deliveries`;
const NUL = '\u0000';
/** More than the 50 that an endpoint may name, each of them good. */
const MANY_EVENTS = [...Object.keys(EVENTS), 'cashIn.*', 'transaction.*', 'wallet.*', 'webhook.*'];

/** What no webhook, rotation, replay or list of deliveries can be asked for with. */
export const WEBHOOK_FIELDS: readonly Case[] = [
  ...(
    [
      ['a rate of nothing', { rateLimit: 0 }, ['rateLimit']],
      ['a rate below nothing', { rateLimit: -1 }, ['rateLimit']],
      ['a rate of 1,001', { rateLimit: 1_001 }, ['rateLimit']],
      ['a broken rate', { rateLimit: 1.5 }, ['rateLimit']],
      ['a rate in words', { rateLimit: '50' }, ['rateLimit']],
      ['a rate of true', { rateLimit: true }, ['rateLimit']],
      ['an order in words', { inOrder: 'yes' }, ['inOrder']],
      ['an order of null', { inOrder: null }, ['inOrder']],
      ['an order of 1', { inOrder: 1 }, ['inOrder']],
      ['a description of 501 letters', { description: 'x'.repeat(501) }, ['description']],
      ['a description with NUL', { description: NUL }, ['description']],
      ['a description of null', { description: null }, ['description']],
      ['a list of descriptions', { description: ['a'] }, ['description']],
      ['webhook metadata as a list', { metadata: [] }, ['metadata']],
      ['webhook metadata of null', { metadata: null }, ['metadata']],
      ['an object in webhook metadata', { metadata: { a: {} } }, ['metadata.a']],
      ['NUL in webhook metadata', { metadata: { a: NUL } }, ['metadata.a']],
      ['an event twice', { events: ['cashIn.created', 'cashIn.created'] }, ['events']],
      ['too many events', { events: MANY_EVENTS }, ['events']],
      [
        'four wrong webhook settings',
        { rateLimit: {}, inOrder: [], description: 1, metadata: 1, enabled: 'no' },
        ['rateLimit', 'inOrder', 'description', 'metadata', 'enabled'],
      ],
    ] as const
  ).flatMap(([what, body, fields]): Case[] => [
    [`${what} at creation`, 'POST', WEBHOOKS, { url: 'https://example.com/', ...body }, fields],
    [`${what} in a change`, 'PATCH', WEBHOOK, body, fields],
  ]),
  ...[-1, 604_801, 1.5, 1e21, '60', null, true, [60]].map(
    (overlapSeconds): Case => [
      `an overlap of ${JSON.stringify(overlapSeconds)}`,
      'POST',
      `${WEBHOOK}/rotate-secret`,
      { overlapSeconds },
      ['overlapSeconds'],
    ],
  ),
  ['a rotation as a list', 'POST', `${WEBHOOK}/rotate-secret`, [], ['body']],
  ...(
    [
      ['of no events', { eventIds: [] }, ['eventIds']],
      ['of an event twice', { eventIds: ['evt_a', 'evt_a'] }, ['eventIds']],
      ['of 101 events', { eventIds: Array.from({ length: 101 }, (_, n) => `evt_${n}`) }, ['eventIds']],
      ['of an event alone', { eventIds: 'evt_a' }, ['eventIds']],
      [
        'of odd events',
        { eventIds: ['', null, 7, NUL, 'x'.repeat(101)] },
        [0, 1, 2, 3, 4].map((n) => `eventIds.${n}`),
      ],
      ['of a resource with NUL', { resource: NUL }, ['resource']],
      ['of a resource of 101 letters', { resource: 'x'.repeat(101) }, ['resource']],
      ['of many resources', { resource: ['txn_a'] }, ['resource']],
      ['since a day', { createdAfter: '2024-01-15' }, ['createdAfter']],
      ['since a number', { createdAfter: 1_705_312_800 }, ['createdAfter']],
      [
        'until month 13',
        { createdAfter: '2024-01-15T10:00:00Z', createdBefore: '2024-13-15T10:00:00Z' },
        ['createdBefore'],
      ],
      ['since no success', { sinceLastSuccess: false }, ['sinceLastSuccess']],
      ['of what is undelivered in words', { resource: 'txn_a', onlyUndelivered: 'yes' }, ['onlyUndelivered']],
      ['that continues after nothing', { resource: 'txn_a', afterEventId: '' }, ['afterEventId']],
      [
        'of all that is wrong',
        {
          eventIds: {},
          resource: null,
          createdAfter: '',
          createdBefore: [],
          sinceLastSuccess: 1,
          onlyUndelivered: 0,
          afterEventId: 5,
        },
        [
          'eventIds',
          'resource',
          'createdAfter',
          'createdBefore',
          'sinceLastSuccess',
          'onlyUndelivered',
          'afterEventId',
        ],
      ],
    ] as const
  ).map(([what, body, fields]): Case => [`a replay ${what}`, 'POST', `${WEBHOOK}/replay`, body, fields]),
  ['a replay as a text', 'POST', `${WEBHOOK}/replay`, '"all"', ['body']],
  ['no JSON in a test', 'POST', `${WEBHOOK}/test`, '{', 'invalid_request'],
  ['no JSON in a retry', 'POST', `${DELIVERIES}/whd_x/retry`, '{', 'invalid_request'],
  ['a delivery with NUL', 'GET', `${DELIVERIES}/whd%00`, undefined, ['deliveryId']],
  [
    'a retry of two NULs',
    'POST',
    '/v0.9/webhooks/%00/deliveries/%00/retry',
    undefined,
    ['webhookId', 'deliveryId'],
  ],
  [
    'filters of deliveries',
    'GET',
    `${DELIVERIES}?status=dead&eventId=%00&createdAfter=x&createdBefore=2024-01-15&limit=0`,
    undefined,
    ['status', 'eventId', 'createdAfter', 'createdBefore', 'limit'],
  ],
];
