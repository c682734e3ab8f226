import { HttpConnection, type HttpReply } from './http-connection.ts';
import { percentile } from './statistics.ts';

/** A POST to send again and again, or once; a GET when there is no body. */
export interface LoadRequest {
  readonly path: string;
  readonly body?: string;
  /** Sent as soon as the first is answered, with the id of what it made for `{id}`: the two are one measurement. */
  readonly followUp?: { readonly path: string; readonly body: string };
}

export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  readonly token: string | undefined;
  /** Taken in turn. Each is sent under an idempotency key of its own that begins with this, if set. */
  readonly requests: readonly LoadRequest[];
  readonly keyPrefix: string | undefined;
  /** How long to measure after the warm-up; undefined: each request once, without a warm-up. */
  readonly durationMs: number | undefined;
  readonly warmUpMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one core. */
  readonly clientCpuShare: number;
  /** The first answer that was no success. */
  readonly failure: string | undefined;
  /** Of the runs that send each request once, in the order of the requests. */
  readonly bodies: readonly string[];
}

const MICROS_PER_MS = 1_000;
const MAX_STATUS_OF_SUCCESS = 299;

const MADE_ID = /"id":"([^"]+)"/;

function textOf(job: LoadJob, { path, body }: LoadRequest, name: string): string {
  const authorization = job.token === undefined ? '' : `Authorization: Bearer ${job.token}\r\n`;
  if (body === undefined) return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}\r\n`;
  const key = job.keyPrefix === undefined ? '' : `Idempotency-Key: ${job.keyPrefix}-${name}\r\n`;
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}${key}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** The request and what follows it; the last reply, or the first that was no success. */
async function send(job: LoadJob, connection: HttpConnection, number: number): Promise<HttpReply> {
  const request = job.requests[number % job.requests.length] ?? { path: '/', body: '' };
  const reply = await connection.send(textOf(job, request, `${number}`));
  if (!request.followUp || reply.status > MAX_STATUS_OF_SUCCESS) return reply;
  const body = request.followUp.body.replace('{id}', MADE_ID.exec(reply.body)?.[1] ?? '');
  return connection.send(textOf(job, { ...request.followUp, body }, `${number}-then`));
}

/** Closed loop: each connection sends its next request when the last one is answered. */
async function run(job: LoadJob): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => HttpConnection.open(job.port)),
  );
  const beginMs = performance.now();
  const measureFromMs = beginMs + (job.durationMs === undefined ? 0 : job.warmUpMs);
  const endMs = job.durationMs === undefined ? Number.POSITIVE_INFINITY : measureFromMs + job.durationMs;
  const limit = job.durationMs === undefined ? job.requests.length : Number.POSITIVE_INFINITY;
  const latenciesMs: number[] = [];
  const bodies: string[] = [];
  let next = 0;
  let failure: string | undefined;
  let cpuAtStart = process.cpuUsage();
  let isWarm = false;
  const loop = async (connection: HttpConnection): Promise<void> => {
    while (next < limit) {
      const number = next++;
      const sentMs = performance.now();
      if (sentMs >= endMs) return;
      if (!isWarm && sentMs >= measureFromMs) {
        isWarm = true;
        cpuAtStart = process.cpuUsage();
      }
      const reply = await send(job, connection, number);
      if (reply.status > MAX_STATUS_OF_SUCCESS) failure ??= `${reply.status} ${reply.body}`;
      if (sentMs >= measureFromMs) latenciesMs.push(performance.now() - sentMs);
      if (job.durationMs === undefined) bodies[number] = reply.body;
    }
  };
  await Promise.all(connections.map(loop));
  const elapsedMs = performance.now() - measureFromMs;
  const cpu = process.cpuUsage(cpuAtStart);
  for (const connection of connections) connection.close();
  latenciesMs.sort((a, b) => a - b);
  return {
    requests: latenciesMs.length,
    perSecond: (latenciesMs.length * 1_000) / elapsedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    clientCpuShare: (cpu.user + cpu.system) / MICROS_PER_MS / elapsedMs,
    failure,
    bodies,
  };
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
