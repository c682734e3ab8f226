import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebhookEvent, webhooks } from 'openoms';

/** The new user's own app: it is told of everything by webhooks, of some things twice or in the wrong order. */
export class App {
  readonly #server: Server;
  /** By the id of what they are about, the latest by its sequence. */
  readonly #latest = new Map<string, WebhookEvent>();
  readonly #arrived: WebhookEvent[] = [];
  #secret = '';

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const header = request.headers['webhook-signature']?.toString();
      const verified = webhooks.verify({ payload: Buffer.concat(chunks), header, secret: this.#secret });
      const status = await verified.then(
        (event) => {
          this.#take(event);
          return 204;
        },
        () => 401,
      );
      response.writeHead(status).end();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/hooks`;
  }

  trust(secret: string): void {
    this.#secret = secret;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Every delivery about it, as it came. */
  told(resourceId: string): WebhookEvent[] {
    return this.#arrived.filter(({ data }) => data.id === resourceId);
  }

  /** What the app takes for the present state. */
  believes(resourceId: string): WebhookEvent | undefined {
    return this.#latest.get(resourceId);
  }

  #take(event: WebhookEvent): void {
    this.#arrived.push(event);
    const known = this.#latest.get(event.data.id);
    if (!known || known.sequence < event.sequence) this.#latest.set(event.data.id, event);
  }
}
