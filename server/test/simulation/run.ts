import type { RunningSigner } from '../../src/chain/vault/main.ts';
import { TypeIds } from '../../src/kernel/ids.ts';
import type { LogFields, Logger } from '../../src/kernel/log.ts';
import { type Bed, type Facts, type Ground, RPC_TIMEOUT_MS } from './bed.ts';
import type { SendRow } from './books.ts';
import { Chance } from './chance.ts';
import { Faults, type Trouble } from './faults.ts';
import { Gate } from './gate.ts';
import { type Answer, Life } from './life.ts';
import { Model, type Request } from './model.ts';
import type { NodeView } from './node-view.ts';
import { type FaultyDatabase, FaultyRpc, FaultyVault } from './ports.ts';
import type { Trace } from './trace.ts';

/** What faults make of a step, and what the next one must do without. Anything else is a bug. */
const EXPECTED = new Set([
  'ConnectionLost',
  'ProcessDied',
  'RpcTransportError',
  'RpcError',
  'VaultUnavailable',
  'FinalityViolated',
]);

const MAX_STALE_BLOCKS = 4;

/** Everything of one run, and the server's processes, which may die and be started anew. */
export class Run {
  readonly seed: number;
  readonly ground: Ground;
  readonly trace: Trace;
  readonly model = new Model();
  readonly chance: Chance;
  readonly faults: Faults;
  /** What struck the token, each a reason for a send to fail. */
  readonly afflictions = new Set<string>();
  /** Addresses that were on the token's blacklist, in lower case. */
  readonly blacklisted = new Set<string>();
  readonly unexpected: string[] = [];
  readonly #db: FaultyDatabase;
  readonly #ids: Chance;
  readonly #codes: Chance;
  readonly #stale: Chance;
  #gate: Gate;
  #life: Life;
  #signer: RunningSigner | undefined;

  private constructor(seed: number, ground: Ground, trace: Trace) {
    this.seed = seed;
    this.ground = ground;
    this.trace = trace;
    this.chance = new Chance(`${seed} actions`);
    this.faults = new Faults(seed);
    this.#ids = new Chance(`${seed} ids`);
    this.#codes = new Chance(`${seed} codes`);
    this.#stale = new Chance(`${seed} stale`);
    this.#db = ground.faultyDb;
    this.blacklisted.add(ground.facts.outlaw);
    this.#gate = new Gate(this.faults, trace);
    this.#life = this.#startLife();
  }

  static async begin(bed: Bed, seed: number, trace: Trace): Promise<Run> {
    const run = new Run(seed, await bed.ground(), trace);
    await run.startSigner();
    // The block that the base has settled is the same for all runs, and its state is soon forgotten.
    run.faults.isOn = false;
    await run.life.worker.chain.indexer.tick();
    run.faults.isOn = true;
    return run;
  }

  async end(): Promise<void> {
    await this.#life.end();
    await this.#signer?.stop();
  }

  get life(): Life {
    return this.#life;
  }

  get gate(): Gate {
    return this.#gate;
  }

  get facts(): Facts {
    return this.ground.facts;
  }

  get isSignerUp(): boolean {
    return this.#signer !== undefined;
  }

  async startSigner(): Promise<void> {
    this.#signer ??= await this.ground.startSigner();
  }

  async killSigner(): Promise<void> {
    await this.#signer?.stop();
    this.#signer = undefined;
  }

  /** A request of a client; what it is told goes into the model. */
  async send(request: Request): Promise<Answer> {
    const answer = await this.#life.call(this.facts.caller, request.call);
    if (!answer.isKnown) this.#judge(request.ref, answer.error);
    this.model.note(request, answer);
    const said = answer.isKnown ? `${answer.status}${answer.isReplay ? ' replayed' : ''}` : 'no answer';
    this.trace.add(
      `  ${request.ref}: ${said}${answer.isKnown && answer.status >= 400 ? codeOf(answer.text) : ''}`,
    );
    return answer;
  }

  /** Something the processes do, and may fail at. False when it failed. */
  async attempt(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#judge(what, error);
      return false;
    }
  }

  /** A new process, if the one before has died; nothing that it had in memory is kept. */
  async revive(): Promise<boolean> {
    if (!this.#gate.isDead) return false;
    await this.#life.end();
    this.#gate = new Gate(this.faults, this.trace);
    this.#life = this.#startLife();
    this.trace.add('  the process starts anew');
    return true;
  }

  /** A fault of the run is why this send failed. */
  isCause({ to_address, failure_code }: SendRow): boolean {
    if (failure_code === 'recipient_blacklisted') return this.blacklisted.has(to_address);
    return failure_code !== null && this.afflictions.has(failure_code);
  }

  #startLife(): Life {
    const { ground } = this;
    const gate = this.#gate;
    this.#db.gate = gate;
    return new Life({
      db: this.#db,
      clock: ground.clock,
      ids: new TypeIds(ground.clock, (bytes) => this.#ids.fill(bytes)),
      log: this.#logger(),
      codes: this.#codes,
      vault: new FaultyVault({ socketPath: ground.socketPath, timeoutMs: RPC_TIMEOUT_MS, gate }),
      rpc: new FaultyRpc({
        url: ground.chain.node.url,
        timeoutMs: RPC_TIMEOUT_MS,
        gate,
        view: (trouble) => this.#view(trouble),
        onSubmission: (raw) => ground.chain.noteSubmission(raw),
      }),
    });
  }

  #view(trouble: Trouble | undefined): NodeView | undefined {
    const behind = trouble === 'stale' ? this.#stale.between(1, MAX_STALE_BLOCKS) : 0;
    return this.ground.chain.view(behind);
  }

  /** Errors that the product survives and logs are judged like those it throws. */
  #logger(): Logger {
    const judge = (fields: LogFields, message: string): void => {
      for (const value of Object.values(fields)) if (value instanceof Error) this.#judge(message, value);
    };
    return { debug() {}, info() {}, warn: judge, error: judge };
  }

  #judge(what: string, error: unknown): void {
    const causes = [error];
    for (let last = error; last instanceof Error && last.cause !== undefined; last = last.cause) {
      causes.push(last.cause);
    }
    const isExpected = causes.some((each) => each instanceof Error && EXPECTED.has(each.name));
    if (isExpected) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.unexpected.push(`${what}: ${text}`);
  }
}

const codeOf = (text: string): string => ` ${(JSON.parse(text) as { code?: string }).code}`;
