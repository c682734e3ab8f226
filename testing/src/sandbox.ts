import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@openoms/cli/src/connection.ts';
import { parseDurationMs } from '@openoms/cli/src/duration.ts';
import { untilIdle } from '@openoms/cli/src/idle.ts';
import { parseSeed, seedOf } from '@openoms/cli/src/seed/document.ts';
import { plant } from '@openoms/cli/src/seed/plant.ts';
import type { Seed, World } from '@openoms/cli/src/seed/seed.ts';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import type { EventName } from '@openoms/contract/events.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import type { SandboxClockChange, SandboxClockRequest } from '@openoms/contract/sandbox-clock.ts';
import type { SandboxTrouble, SandboxTroubleRequest } from '@openoms/contract/sandbox-trouble.ts';
import type { resetSandbox } from '@openoms/contract/sandbox-world.ts';
import { OpenOMS } from '@openoms/sdk';
import { type EventMatcher, type EventOf, ExpectedEvents } from './expected-events.ts';
import type { Instance } from './instance.ts';

/** `90s`, `15m`, `2h` or `3d`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

export interface Expectation {
  /** In real time; default `10s`. */
  readonly within?: Duration;
}

const DEFAULT_WITHIN: Duration = '10s';
const ADVANCING_POLL_MS = 100;

/** A sandbox project of one's own, and what a test may do with it. */
export class Sandbox {
  /** Our SDK, with the project's API key. */
  readonly client: OpenOMS;
  /** Of the API, with its version: what the app under test is given, with `apiKey` and `apiSecret`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly #instance: Instance | undefined;
  readonly #events: ExpectedEvents;

  /** With `instance`, closing the sandbox closes it too. */
  constructor({ baseUrl, apiKey, apiSecret }: Connection, instance?: Instance) {
    this.url = baseUrl;
    this.apiKey = apiKey;
    this.apiSecret = apiSecret;
    this.client = new OpenOMS({ baseUrl, apiKey, apiSecret });
    this.#instance = instance;
    this.#events = new ExpectedEvents(this.client);
  }

  /**
   * Advances the project's clock, by a time, to a time or to the next timer; what falls due on the way has happened, in
   * order, when it resolves. Answers the clock and the events.
   */
  async advance(by: Duration | { readonly to: Date | string } | 'nextTimer'): Promise<SandboxClockChange> {
    const change = await this.client.sandbox.clock.set(commandOf(by));
    if (change.move?.status !== 'advancing') return change;
    for (;;) {
      await delay(ADVANCING_POLL_MS);
      const clock = await this.client.sandbox.clock.get();
      if (clock.move?.status !== 'advancing') return { ...change, ...clock, hasMoreEvents: true };
    }
  }

  /**
   * The next event that fits, now or as soon as it comes; throws when none does in time. Each event meets one expectation,
   * so that the second one of a name awaits the second event.
   */
  expectEvent<Name extends EventName>(event: Name, options?: Expectation): Promise<EventOf<Name>>;
  expectEvent(event: string | EventMatcher, options?: Expectation): Promise<LoggedEvent>;
  expectEvent(wanted: string | EventMatcher, options: Expectation = {}): Promise<LoggedEvent> {
    return this.#events.take(wanted, milliseconds(options.within ?? DEFAULT_WITHIN));
  }

  /** What has happened until now meets no expectation any more. */
  skipEvents(): Promise<void> {
    return this.#events.skip();
  }

  /**
   * Makes customers, wallets and so on as a seed says, a YAML file or an object (docs/sandbox.md); answers them by section and
   * name. Their events meet no expectation.
   */
  seed<const S extends Seed>(seed: S): Promise<World<S>>;
  seed(file: string): Promise<World>;
  async seed(seed: Seed | string): Promise<World> {
    const document = typeof seed === 'string' ? parseSeed(await readFile(seed, 'utf8'), seed) : seedOf(seed);
    const world = await plant({ client: this.client, document });
    await this.skipEvents();
    return world;
  }

  /** Empties the project's world, for a test that begins anew; its API key stays. */
  async reset(body: BodyOf<typeof resetSandbox> = {}): Promise<void> {
    await this.client.sandbox.reset(body);
    await this.#events.restart();
  }

  /** Remembers the project's world under the name. */
  async snapshot(name: string): Promise<void> {
    await this.client.sandbox.snapshots.create(name);
  }

  /** Makes the world what it was at the snapshot, its time, balances and events included. */
  async restore(name: string): Promise<void> {
    await this.client.sandbox.snapshots.restore(name);
    await this.#events.restart();
  }

  /** Resolves when nothing is due any more, deliveries to webhooks included. */
  idle(): Promise<void> {
    return untilIdle(this.client);
  }

  /** From now on things go wrong as the rule says, until it is over or `endTrouble`. */
  trouble(rule: SandboxTroubleRequest): Promise<SandboxTrouble> {
    return this.client.sandbox.trouble.create(rule);
  }

  /** Nothing goes wrong on purpose any more. */
  endTrouble(): Promise<void> {
    return this.client.sandbox.trouble.deleteAll();
  }

  /** Takes the instance away, as in an outage; `start` brings it back with all that it had. */
  async stop(): Promise<void> {
    await this.#ownInstance().stop();
  }

  /** Starts the instance again, at the same address. Does nothing while it runs. */
  async start(): Promise<void> {
    await this.#ownInstance().startAgain();
  }

  /** Ends an instance that `startSandbox` started for it alone, and removes what it kept. */
  async close(): Promise<void> {
    await this.#instance?.close();
  }

  #ownInstance(): Instance {
    if (this.#instance) return this.#instance;
    throw new TypeError(
      'Only a sandbox with an instance of its own can be stopped: others use this one, too.',
    );
  }
}

function commandOf(by: Duration | { readonly to: Date | string } | 'nextTimer'): SandboxClockRequest {
  if (by === 'nextTimer') return { toNextTimer: true };
  if (typeof by === 'string') return { advanceSeconds: milliseconds(by) / 1_000 };
  return { advanceTo: new Date(by.to).toISOString() };
}

function milliseconds(duration: Duration): number {
  const ms = parseDurationMs(duration);
  if (ms === undefined) throw new TypeError(`A duration is 90s, 15m, 2h or 3d: not ${duration}.`);
  return ms;
}
