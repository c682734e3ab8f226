import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Envelope, Inbox } from '../../../docs/webhook-receivers/inbox.ts';
import { isGenuine } from '../../../docs/webhook-receivers/verify.ts';

export const SECRET = `whsec_${'0123456789abcdef'.repeat(4)}`;

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly firstPiece: Buffer;
  /** Undefined when the body is no JSON. */
  readonly event: Envelope | undefined;
  /** How many requests were being answered when this one came, itself included. */
  readonly inFlight: number;
}

/** What a receiver does; a bad one is the good one with one thing in its place. */
export interface Behaviour {
  readonly verify: (received: Received) => boolean;
  readonly refuse: (received: Received) => number;
  /** Of a genuine event: the status of the answer. */
  readonly accept: (event: Envelope, received: Received) => number | Promise<number>;
  /** Before anything else. Answers whether it answered itself. */
  readonly intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly answerText: string;
  readonly effects: () => unknown;
}

export interface TestReceiver {
  readonly url: string;
  readonly effectsUrl: string;
  close(): Promise<void>;
}

/** What the behaviours of one receiver share. */
export interface Place {
  readonly inbox: Inbox;
  /** Ends the receiver at once, as a crash does. */
  crash(): void;
}

/** What a bad receiver has in the place of what a good one does. */
export type Flaw = (good: Behaviour, place: Place) => Partial<Behaviour>;

const goodBehaviour = (inbox: Inbox): Behaviour => ({
  verify: ({ headers, body }) => isGenuine(headers['webhook-signature']?.toString(), body, SECRET),
  refuse: () => 401,
  accept: (event) => {
    inbox.take(event);
    return 204;
  },
  intercept: () => false,
  answerText: '',
  effects: () => inbox.effects(),
});

/** A receiver on plain Node, good but for its flaw. */
export async function startReceiver(flaw: Flaw = () => ({})): Promise<TestReceiver> {
  const inbox = new Inbox(':memory:');
  let inFlight = 0;
  const server = createServer((request, response) => {
    inFlight += 1;
    void Promise.race([once(response, 'finish'), once(response, 'close')]).then(() => {
      inFlight -= 1;
    });
    answer(request, response, behaviour, () => inFlight).catch(() => response.destroy());
  });
  const crash = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const good = goodBehaviour(inbox);
  const behaviour = { ...good, ...flaw(good, { inbox, crash }) };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return {
    url: `${origin}/webhooks`,
    effectsUrl: `${origin}/effects`,
    close: async () => {
      if (!server.listening) return;
      crash();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour,
  inFlight: () => number,
): Promise<void> {
  if (request.url === '/effects') {
    response.end(JSON.stringify(behaviour.effects()));
    return;
  }
  if (behaviour.intercept(request, response)) return;
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const [firstPiece = Buffer.alloc(0)] = pieces;
  const body = Buffer.concat(pieces);
  const { headers, rawHeaders } = request;
  const received = { headers, rawHeaders, body, firstPiece, event: parse(body), inFlight: inFlight() };
  const status = await statusFor(received, behaviour);
  response.writeHead(status).end(behaviour.answerText);
}

async function statusFor(received: Received, { verify, refuse, accept }: Behaviour): Promise<number> {
  try {
    if (!verify(received)) return refuse(received);
    return received.event ? await accept(received.event, received) : 400;
  } catch {
    return 500;
  }
}

function parse(body: Buffer): Envelope | undefined {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
