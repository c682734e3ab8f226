import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** Of v0.9, of the later dialect, and of the console. */
const DOCUMENTS = ['openapi.json', 'openapi-v0.11.json', 'console/openapi.json'] as const;

const fileOf = (name: string): string => fileURLToPath(import.meta.resolve(`@openoms/contract/${name}`));

/** `/openapi.json` and its like, `/docs`: the reference page made from the first, and the way to the dashboard. All come from this server alone, offline too. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  for (const name of DOCUMENTS) {
    const document = await readFile(fileOf(name));
    app.get(`/${name}`, (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
  }
  app.get('/', (_request, reply) => reply.redirect('/dashboard/'));
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
