/**
 * Every kind of trouble: what it does, and its parameters with what they are when they are absent (null: nothing). What
 * `lasts` happens once, from when the rule is made until it is over: `share` and `times` make no sense. Data alone, for
 * pages that need no schemas.
 */
export const TROUBLE_KINDS = {
  'api.status': {
    does: 'Requests are answered with an error of the server or its gateway.',
    takes: { status: 503, when: 'before', operationId: null },
  },
  'api.latency': {
    does: 'Requests wait before anything is done.',
    takes: { milliseconds: 2_000, operationId: null },
  },
  'api.drop': {
    does: 'The connection is cut without an answer.',
    takes: { when: 'before', operationId: null },
  },
  'webhook.duplicate': {
    does: 'A delivery that succeeded is made once more, under the same id.',
    takes: { webhookId: null },
  },
  'webhook.reorder': {
    does: 'An event is held back until the endpoint has had the next event of its resource, or for so long. Not for endpoints with `inOrder`.',
    takes: { seconds: 10, webhookId: null },
  },
  'webhook.delay': {
    does: 'An event is first delivered so much later.',
    takes: { seconds: 60, webhookId: null },
  },
  'webhook.drop': {
    does: 'An attempt never reaches the endpoint, and counts as failed.',
    takes: { webhookId: null },
  },
  'webhook.badSignature': {
    does: 'An attempt is signed with another secret.',
    takes: { webhookId: null },
  },
  'webhook.staleSignature': {
    does: 'An attempt carries a true signature of an hour ago.',
    takes: { webhookId: null },
  },
  'chain.reorg': {
    does: 'When a deposit of the project is announced, its block and those after it are mined anew without what they held, which comes again in a later block. Each deposit once.',
    takes: { depth: 2 },
  },
  'chain.stuckNonce': {
    does: 'A transaction of the relayer is taken and never mined, and holds up those behind it, until the relayer offers more for it.',
    takes: {},
  },
  'chain.feeSpike': { does: 'Gas costs a multiple. It lasts.', takes: { factor: 10 }, lasts: true },
  'chain.rpcDown': { does: 'The node of the chain answers calls with an error.', takes: {} },
  'chain.stalledFinality': {
    does: 'Blocks are mined, and none becomes final. It lasts.',
    takes: {},
    lasts: true,
  },
  'rail.late': {
    does: 'What a provider tells comes later.',
    takes: { seconds: 3_600, rail: null },
  },
  'rail.duplicate': {
    does: 'A provider tells the same twice, under the same id.',
    takes: { rail: null },
  },
  'rail.wrongAmount': {
    does: 'A provider tells of another amount than was moved: of cash that a till took, or of what came to a virtual account. Never of less than a cent.',
    takes: { difference: '-1.00', rail: null },
  },
} as const;
