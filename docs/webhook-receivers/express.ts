import express from 'express';
import { Inbox } from './inbox.ts';
import { isGenuine } from './verify.ts';

const { OMS_WEBHOOK_SECRET: secret, PORT = '3000', INBOX = 'inbox.sqlite', SHOW_EFFECTS } = process.env;
if (!secret) throw new Error('set OMS_WEBHOOK_SECRET to the whsec_… of the webhook');

const inbox = new Inbox(INBOX);
const app = express();
app.disable('x-powered-by');

// The signature is over the bytes as they came, so no express.json() may stand before this. The limit is not the
// default: the body of an event may be larger than 100 kB.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isGenuine(request.header('webhook-signature'), body, secret)) {
    response.sendStatus(401);
    return;
  }
  // Every genuine event is answered with 2xx: repeats, older states and names that this program does not know too.
  // When this throws, Express answers 500, and OpenOMS delivers again later.
  inbox.take(JSON.parse(body.toString()));
  response.sendStatus(204);
});

// For the exam; it belongs on no public address.
if (SHOW_EFFECTS) app.get('/effects', (_, response) => void response.json(inbox.effects()));

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : PORT;
  process.stdout.write(`listening on http://127.0.0.1:${port}/webhooks\n`);
});
