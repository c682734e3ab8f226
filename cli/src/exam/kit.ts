import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventName } from '@openoms/contract/events.ts';
import { webhooks } from '@openoms/sdk';
import { type Effects, NotExamined, readEffects } from './effects.ts';
import { sampleData } from './samples.ts';
import { type Exchange, isAccepted, type Wire } from './wire.ts';

/** The body of a delivery, before it is text. */
export interface Envelope {
  readonly id: string;
  readonly event: string;
  readonly eventId: string;
  readonly createdAt: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One request to the receiver, ready to be sent, and to be tampered with. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly pieces?: number;
}

export interface SignOptions {
  /** Of the receiver when absent; several as during a rotation. */
  readonly secret?: string | readonly string[];
  /** How long ago it was signed; negative for the future. */
  readonly ageMs?: number;
  /** Instead of `ageMs`. */
  readonly signedAt?: Date;
  readonly attempt?: number;
}

export interface KitOptions {
  readonly url: URL;
  readonly secret: string;
  readonly effectsUrl: URL | undefined;
  readonly timeoutMs: number;
  /** Decides every id and secret that the exam makes up. */
  readonly seed: number;
  readonly wire: Wire;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 26;
const EFFECT_POLL_MS = 50;

/** What one case makes its deliveries with. The same seed and case give the same ids. */
export class Kit {
  readonly #options: KitOptions;
  readonly #caseId: string;
  #made = 0;

  constructor(options: KitOptions, caseId: string) {
    this.#options = options;
    this.#caseId = caseId;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  get secret(): string {
    return this.#options.secret;
  }

  readonly id = (prefix: string): string => {
    const digits = [...this.#bytes()].slice(0, ID_LENGTH).map((byte) => CROCKFORD[byte % CROCKFORD.length]);
    return `${prefix}_${digits.join('')}`;
  };

  /** A secret that is not the receiver's. */
  otherSecret(): string {
    return `whsec_${this.#bytes().toString('hex')}`;
  }

  /** A genuine event of now, about a resource of its own. */
  event(name: EventName = 'cashIn.completed', changes: Partial<Envelope> = {}): Envelope {
    const createdAt = changes.createdAt ?? toIsoSeconds(this.#options.now());
    return {
      id: this.id('whd'),
      event: name,
      eventId: this.id('evt'),
      createdAt,
      sequence: 1,
      data: sampleData(name, this.id),
      ...changes,
    };
  }

  /** The request that OpenOMS would make of the event; of a text, when its form matters. */
  async sign(envelope: Envelope, options: SignOptions = {}, text?: string): Promise<Delivery> {
    const payload = text ?? JSON.stringify(envelope);
    const { secret = this.secret, ageMs = 0, attempt = 1 } = options;
    const timestamp = options.signedAt ?? new Date(this.#options.now().getTime() - ageMs);
    return {
      headers: {
        ...(await webhooks.signedHeaders({ id: envelope.id, payload, secret, timestamp })),
        'webhook-attempt': String(attempt),
        'content-type': 'application/json',
        'user-agent': 'OpenOMS-Webhooks/1',
      },
      body: Buffer.from(payload),
    };
  }

  post({ headers, body, pieces = 1 }: Delivery): Promise<Exchange> {
    const { wire, url } = this.#options;
    return wire({ method: 'POST', url, headers, body, pieces });
  }

  get(): Promise<Exchange> {
    const { wire, url } = this.#options;
    return wire({ method: 'GET', url, headers: { 'user-agent': 'OpenOMS-Webhooks/1' } });
  }

  /**
   * The effects after all that was sent: one more delivery is sent, and what came before it has had its time once that
   * one shows. Undefined when it does not within the time limit. Throws `NotExamined` and `EffectsUnreadable`.
   */
  async effectsAfterwards(): Promise<Effects | undefined> {
    const { effectsUrl, wire, signal, timeoutMs } = this.#options;
    if (!effectsUrl) throw new NotExamined('needs --effects-url');
    const last = this.event();
    const exchange = await this.post(await this.sign(last));
    if (!isAccepted(exchange)) throw new NotExamined('the delivery that ends the case was not accepted');
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const effects = await readEffects(wire, effectsUrl);
      if (countOf(effects, last) > 0) return effects;
      await delay(EFFECT_POLL_MS, undefined, { signal });
    }
    return undefined;
  }

  #bytes(): Buffer {
    this.#made += 1;
    return createHash('sha256').update(`${this.#options.seed}:${this.#caseId}:${this.#made}`).digest();
  }
}

export const countOf = (effects: Effects, { id }: Pick<Envelope, 'id'>): number =>
  effects.deliveries[id] ?? 0;

const toIsoSeconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
