import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatColumns } from './report.ts';
import { median, percentile } from './statistics.ts';
import { type Bed, openBed } from './webhook-bed.ts';

/**
 * `npm run bench:webhooks [-- --quick]`: deliveries a second to local endpoints, each attempt recorded, beside the
 * product's sender alone; latency from commit to arrival at a steady rate; and what failing and hanging endpoints cost the
 * healthy ones.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const scale = values.quick
  ? { rounds: 2, backlog: 6_000, steadySeconds: 4, isolationRounds: 4, perEndpoint: 250 }
  : { rounds: 3, backlog: 20_000, steadySeconds: 15, isolationRounds: 15, perEndpoint: 500 };

const PER_COMMIT = 100;
const STEADY = [500, 1_500];
const STEADY_PER_COMMIT = 3;
/** Requests of the sender alone: as many as the product may have under way to one endpoint. */
const ALONE_AT_ONCE = 32;
const MANY = 8;
const ENDPOINTS = { healthy: 17, failing: 2, hanging: 1 };
const NOT_YET = 'webhook.disabled';
const AIM_PER_SECOND = 2_500;
const AIM_P99_MS = 500;
const AIM_HEALTHY = 0.97;

interface Rate {
  readonly perSecond: number;
  readonly cpuShare: number;
}

/** Deliveries a second, from the first look until the last is recorded; the events are committed before. */
async function backlog(bed: Bed, endpoints: number, deliveries: number): Promise<Rate> {
  const projectId = await bed.newProject();
  const ids = await Promise.all(Array.from({ length: endpoints }, () => bed.newEndpoint(projectId, '/ok')));
  await bed.record({ projectId, events: deliveries / endpoints, perCommit: PER_COMMIT });
  return delivered(bed, deliveries, ids);
}

async function delivered(bed: Bed, deliveries: number, ids: readonly string[]): Promise<Rate> {
  await bed.report();
  const startedMs = performance.now();
  await bed.delivery.tell({ what: 'start' });
  await bed.untilDelivered(deliveries, ids);
  const elapsedMs = performance.now() - startedMs;
  await bed.letGo();
  const cpuMs = await bed.delivery.tell<number>({ what: 'stop' });
  return { perSecond: (deliveries * 1_000) / elapsedMs, cpuShare: cpuMs / elapsedMs };
}

/** The same bodies by the sender alone. */
async function alone(bed: Bed, count: number): Promise<number> {
  const projectId = await bed.newProject();
  await bed.record({ projectId, events: PER_COMMIT * 10, perCommit: PER_COMMIT });
  const url = bed.urlOf('/ok');
  return bed.delivery.tell<number>({ what: 'send alone', projectId, count, atOnce: ALONE_AT_ONCE, url });
}

interface Latencies {
  readonly offered: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly cpuShare: number;
}

/** From the commit of an event to its arrival, while so many are recorded a second. */
async function steady(bed: Bed, perSecond: number): Promise<Latencies> {
  const projectId = await bed.newProject();
  const webhookId = await bed.newEndpoint(projectId, '/ok');
  await bed.report();
  await bed.delivery.tell({ what: 'start' });
  await bed.record({ projectId, events: perSecond, perCommit: STEADY_PER_COMMIT, perSecond });
  await bed.untilDelivered(perSecond, [webhookId]);
  await bed.report();
  const events = perSecond * scale.steadySeconds;
  const startedMs = performance.now();
  const commits = new Map(await bed.record({ projectId, events, perCommit: STEADY_PER_COMMIT, perSecond }));
  await bed.untilDelivered(events, [webhookId]);
  const elapsedMs = performance.now() - startedMs;
  const cpuMs = await bed.delivery.tell<number>({ what: 'stop' });
  const { arrivals } = await bed.report();
  const latencies = arrivals.map(([mark, atMs]) => atMs - (commits.get(mark) ?? Number.NaN));
  latencies.sort((a, b) => a - b);
  return {
    offered: perSecond,
    perSecond: (events * 1_000) / elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    longestMs: latencies.at(-1) ?? 0,
    cpuShare: cpuMs / elapsedMs,
  };
}

/**
 * The rate of the healthy endpoints of a project, by themselves and beside the others, in pairs that follow one another at
 * once, because the machine is not the same from minute to minute. All is queued before.
 */
async function isolation(
  bed: Bed,
): Promise<{ apart: number; beside: number; share: number; attempts: number }> {
  const apart: number[] = [];
  const beside: number[] = [];
  let attempts = 0;
  for (let round = 0; round < scale.isolationRounds * 2; round++) {
    const isBeside = (round + (round >> 1)) % 2 === 1;
    const projectId = await bed.newProject();
    const make = (path: string, count: number, events: string[]) =>
      Promise.all(Array.from({ length: count }, () => bed.newEndpoint(projectId, path, events)));
    const ids = await make('/ok', ENDPOINTS.healthy, []);
    const others = isBeside ? [] : [NOT_YET];
    const bad = [
      ...(await make('/failing', ENDPOINTS.failing, others)),
      ...(await make('/hanging', ENDPOINTS.hanging, others)),
    ];
    await bed.record({ projectId, events: scale.perEndpoint, perCommit: PER_COMMIT });
    await bed.delivery.tell({ what: 'fan out' });
    await bed.owner.query('checkpoint');
    await delay(300);
    const { perSecond } = await delivered(bed, scale.perEndpoint * ENDPOINTS.healthy, ids);
    (isBeside ? beside : apart).push(perSecond);
    const { failed, hanging } = await bed.report();
    attempts += failed + hanging;
    await bed.owner.query('delete from webhook_queue where webhook_id = any ($1)', [bad]);
  }
  const shares = beside.map((rate, index) => rate / (apart[index] ?? rate));
  return { apart: median(apart), beside: median(beside), share: median(shares), attempts };
}

const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const bed = await openBed();
try {
  const one: Rate[] = [];
  const many: Rate[] = [];
  const sender: number[] = [];
  await backlog(bed, 1, PER_COMMIT * 10);
  await alone(bed, scale.backlog);
  for (let round = 0; round < scale.rounds; round++) {
    sender.push(await alone(bed, scale.backlog));
    one.push(await backlog(bed, 1, scale.backlog));
    many.push(await backlog(bed, MANY, scale.backlog));
  }
  const rateAlone = median(sender);
  const toCells = (name: string, rates: readonly Rate[]): string[] => {
    const rate = median(rates.map(({ perSecond }) => perSecond));
    const cpuShare = median(rates.map((each) => each.cpuShare));
    return [name, `${rate.toFixed(0)} /s`, percent(rate / rateAlone), percent(cpuShare)];
  };
  process.stdout.write(
    `${formatColumns(
      ['from a backlog', 'deliveries', 'of the sender alone', 'cpu of the worker'],
      [
        toCells('one endpoint', one),
        toCells(`${MANY} endpoints`, many),
        ['the sender alone', `${rateAlone.toFixed(0)} /s`, '', ''],
      ],
    )}\n\n`,
  );
  const lines: Latencies[] = [];
  for (const perSecond of STEADY) lines.push(await steady(bed, perSecond));
  process.stdout.write(
    `${formatColumns(
      ['offered', 'delivered', 'p50 ms', 'p99 ms', 'longest ms', 'cpu of the worker'],
      lines.map((line) => [
        `${line.offered} /s`,
        `${line.perSecond.toFixed(0)} /s`,
        ...[line.p50Ms, line.p99Ms, line.longestMs].map((ms) => ms.toFixed(0)),
        percent(line.cpuShare),
      ]),
    )}\n\n`,
  );
  const { apart, beside, share, attempts } = await isolation(bed);
  const { healthy, failing, hanging } = ENDPOINTS;
  const rate = median(one.map(({ perSecond }) => perSecond));
  const p99Ms = Math.max(...lines.map((line) => line.p99Ms));
  process.stdout.write(
    `${formatColumns(
      ['healthy endpoints', 'deliveries', 'share'],
      [
        [`${healthy} alone`, `${apart.toFixed(0)} /s`, ''],
        [`beside ${failing} failing and ${hanging} hanging`, `${beside.toFixed(0)} /s`, percent(share)],
      ],
    )}\n${attempts} requests to failing and hanging endpoints meanwhile\n\n`,
  );
  process.stdout.write(
    `deliveries: ${rate.toFixed(0)} /s to one endpoint (aim ${AIM_PER_SECOND}: ${verdict(rate >= AIM_PER_SECOND)})\n` +
      `p99 from commit to arrival: ${p99Ms.toFixed(0)} ms (aim ${AIM_P99_MS}: ${verdict(p99Ms <= AIM_P99_MS)})\n` +
      `healthy beside others: ${percent(share)} of alone (aim ${percent(AIM_HEALTHY)}: ${verdict(share >= AIM_HEALTHY)})\n`,
  );
} finally {
  await bed.close();
}
