import { WebhookVerificationError, webhooks } from '@openoms/sdk';
import { fastify } from 'fastify';
import { Inbox } from './inbox.ts';

const { OMS_WEBHOOK_SECRET: secret, PORT = '3000', INBOX = 'inbox.sqlite', SHOW_EFFECTS } = process.env;
if (!secret) throw new Error('set OMS_WEBHOOK_SECRET to the whsec_… of the webhook');

const MAX_BODY_BYTES = 1_000_000;

const inbox = new Inbox(INBOX);
const app = fastify({ bodyLimit: MAX_BODY_BYTES });

// The signature is over the bytes as they came: whatever the content type, the body stays a buffer.
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

app.post<{ Body: Buffer | undefined }>('/webhooks', async (request, reply) => {
  const header = request.headers['webhook-signature'];
  try {
    // Any of several signatures, compared in constant time, at most five minutes old.
    const event = await webhooks.verify({ payload: request.body ?? '', header: header?.toString(), secret });
    // Every genuine event is answered with 2xx: repeats, older states and names that this program does not know too.
    // When this throws, Fastify answers 500, and OpenOMS delivers again later.
    inbox.take(event);
  } catch (error) {
    if (error instanceof WebhookVerificationError) return reply.code(401).send();
    throw error;
  }
  return reply.code(204).send();
});

// For the exam; it belongs on no public address.
if (SHOW_EFFECTS) app.get('/effects', () => inbox.effects());

const address = await app.listen({ port: Number(PORT), host: '127.0.0.1' });
process.stdout.write(`listening on ${address}/webhooks\n`);
