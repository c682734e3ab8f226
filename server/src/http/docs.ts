import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

const DOCUMENT = fileURLToPath(import.meta.resolve('@openoms/contract/openapi.json'));

/** `/openapi.json`, and `/docs`: the reference page made from it. Both come from this server alone, offline too. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  const document = await readFile(DOCUMENT);
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
  app.get('/', (_request, reply) => reply.redirect('/docs'));
  // A browser asks for it on every page; a 404 would stand in the console as an error.
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send());
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      title: 'OpenOMS API reference',
      withDefaultFonts: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
}
