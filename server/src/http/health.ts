import { getLiveness, getReadiness } from '@openoms/contract/health.ts';
import type { FastifyInstance } from 'fastify';

/** Named checks of what a request needs; each throws when it fails. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<void>>>;

/** Health for load balancers and the supervisor, outside the version prefix. */
export function serveHealth(app: FastifyInstance, checks: ReadinessChecks): void {
  app.get(getLiveness.path, (_request, reply) => reply.send({ status: 'ok' }));
  app.get(getReadiness.path, async (request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const failing = results.filter(([, outcome]) => outcome === 'failing').map(([name]) => name);
    if (failing.length === 0) return reply.send({ status: 'ok', checks: Object.fromEntries(results) });
    return reply.code(503).send({
      code: 'provider_unavailable',
      message: `Not ready: ${failing.join(', ')}.`,
      details: failing.map((field) => ({ field, issue: 'is failing' })),
      requestId: request.id,
    });
  });
}

const outcomeOf = (check: () => Promise<void>): Promise<'ok' | 'failing'> =>
  check().then(
    () => 'ok' as const,
    () => 'failing' as const,
  );
