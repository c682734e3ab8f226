import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebhookEvent, WebhookVerificationError, webhooks } from 'openoms';

/** What the app knows of one payment. */
export interface Payment {
  readonly status: string;
  /** Counts the events of the payment; a lower one is older. */
  readonly sequence: number;
}

/**
 * The app under test: it shows its users how their payments stand, and all it knows comes by webhooks. Deliveries may
 * come twice and in any order; the sequence says which is the latest.
 */
export class Payments {
  readonly #known = new Map<string, Payment>();
  readonly #server: Server;
  #secret = '';

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const header = request.headers['webhook-signature']?.toString();
      try {
        this.#take(await webhooks.verify({ payload: Buffer.concat(chunks), header, secret: this.#secret }));
        response.writeHead(204).end();
      } catch (error) {
        response.writeHead(error instanceof WebhookVerificationError ? 401 : 500).end();
      }
    });
  }

  /** Where its webhooks go. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhooks`;
  }

  /** The secret of the webhook, once it is registered. */
  trust(secret: string): void {
    this.#secret = secret;
  }

  statusOf(transactionId: string): string | undefined {
    return this.#known.get(transactionId)?.status;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ data, sequence }: WebhookEvent): void {
    if (data.object !== 'transaction') return;
    const known = this.#known.get(data.id);
    if (!known || known.sequence < sequence) this.#known.set(data.id, { status: data.status, sequence });
  }
}
