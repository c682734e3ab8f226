import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventName } from '@openoms/contract/events.ts';
import type { Recipe } from './recipe.ts';
import type { Steps } from './steps.ts';

/** What becomes of webhooks. Each has an endpoint on this machine for as long as it takes. */

const OK = 204;
const GONE = 410;

/** Tests a webhook whose endpoint answers with the status, and takes it away when what was waited for is there. */
async function tested(
  steps: Steps,
  status: number,
  look: (webhookId: string) => Promise<unknown>,
): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const { id } = await steps.webhook(`http://127.0.0.1:${port}/`, ['webhook.test']);
    await steps.client.webhooks.test(id);
    await steps.until(`the endpoint of ${id} was asked`, () => look(id));
    await steps.client.webhooks.delete(id);
    return id;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export const WEBHOOK_RECIPES = {
  'webhook.test': {
    does: 'Tests a webhook to an endpoint of this machine.',
    run: (steps) =>
      tested(steps, OK, async (webhookId) => {
        const [delivery] = await steps.client.webhooks.deliveries(webhookId).take(1);
        return delivery?.status === 'delivered' ? delivery : undefined;
      }),
  },
  'webhook.disabled': {
    does: 'Tests a webhook to an endpoint of this machine that answers 410 Gone.',
    run: (steps) =>
      tested(steps, GONE, async (webhookId) => {
        const webhook = await steps.client.webhooks.get(webhookId);
        return webhook.enabled ? undefined : webhook;
      }),
  },
} satisfies Partial<Record<EventName, Recipe>>;
