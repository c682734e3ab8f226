import { PassThrough } from 'node:stream';
import { CONSOLE_PROJECT_PATH } from '@openoms/contract/console/operation.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Database } from '../db/database.ts';
import type { ConsoleDoor } from '../http/console-door.ts';
import { permissionsOf } from '../http/standing.ts';
import { notFound } from '../kernel/errors.ts';
import type { Sink, Streams } from './service.ts';

/** Of a browser that reads too slowly; it comes again and goes on from what it has. */
const MAX_UNREAD_BYTES = 256 * 1024;
const EVENT_ID = /^evt_[0-9a-z]{1,60}$/;

interface StreamDeps {
  readonly db: Database;
  readonly door: ConsoleDoor;
  readonly streams: Streams;
}

/** `GET …/stream`: server-sent events of what changes in a project. */
export function serveStream(app: FastifyInstance, deps: StreamDeps): void {
  const { db, door, streams } = deps;
  app.get(`${CONSOLE_PROJECT_PATH}/stream`, async (request, reply) => {
    const { projectId } = request.params as { projectId: string };
    const { mode, expiresAt, sessionId, organizationId, userId } = await door.enter(request, projectId);
    if (!mode) throw notFound('resource');
    const member = { kind: 'member', projectId, mode, sessionId, organizationId, userId } as const;
    const body = new PassThrough();
    const close = await streams.open({
      projectId,
      sink: sinkOf(body),
      lastEventId: lastEventIdOf(request),
      isAllowed: async () =>
        streams.now() < expiresAt &&
        (await db.snapshot(projectId, (tx) => permissionsOf(tx, member))).includes('read'),
    });
    // However it ends: by the browser, by the server, or by the wire.
    body.once('close', close);
    reply.raw.once('close', () => body.destroy());
    if (reply.raw.destroyed) body.destroy();
    return reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(body);
  });
  app.addHook('preClose', () => streams.close());
}

const sinkOf = (body: PassThrough): Sink => ({
  write: (text) => {
    if (body.destroyed || body.writableEnded) return false;
    if (body.writableLength + body.readableLength > MAX_UNREAD_BYTES) {
      body.destroy();
      return false;
    }
    body.write(text);
    return true;
  },
  end: () => void body.end(),
});

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && EVENT_ID.test(id) ? id : undefined;
}
