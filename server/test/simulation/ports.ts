import pg from 'pg';
import {
  JsonRpc,
  type JsonRpcOptions,
  type RpcCall,
  RpcError,
  RpcTransportError,
} from '../../src/chain/rpc.ts';
import { VaultClient, VaultUnavailable } from '../../src/chain/vault/client.ts';
import type {
  RelayToSign,
  SignedRelay,
  TokenRef,
  TransferSignature,
  TransferToSign,
} from '../../src/chain/vault/protocol.ts';
import { Database, PLATFORM, type Tx } from '../../src/db/database.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Trouble } from './faults.ts';
import { ConnectionLost, type Gate } from './gate.ts';
import { answeredAs, askedAs, type NodeView } from './node-view.ts';

const SERIALIZATION_FAILURE = '40001';
const MAX_CONNECTIONS = 6;

/** The database as one process after the other sees it. A transaction is one exchange. */
export class FaultyDatabase extends Database {
  /** Of the process that lives. */
  gate: Gate | undefined;
  /** Transactions so far. */
  transactions = 0;

  constructor(url: string, clock: Clock) {
    super(url, { maxConnections: MAX_CONNECTIONS, clock, log: silentLogger });
  }

  override tx<T>(scope: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { gate } = this;
    this.transactions += 1;
    if (!gate) return super.tx(scope, work);
    const what = scope === PLATFORM ? 'platform' : 'project';
    return gate.pass('database', what, async (trouble) => {
      let attempts = 0;
      const done = await super.tx(scope, async (tx) => {
        const result = await work(tx);
        attempts += 1;
        if (trouble === 'lost') throw gate.broken('the connection is lost before the commit');
        if (trouble === 'conflict' && attempts === 1) throw conflict();
        return result;
      });
      if (trouble === 'answer lost') throw gate.broken('the commit is done, its answer is lost');
      return done;
    });
  }
}

function conflict(): Error {
  const error = new pg.DatabaseError('could not serialize access', 0, 'error');
  error.code = SERIALIZATION_FAILURE;
  return error;
}

/** The node as a process sees it. An exchange is a call or a batch. */
export class FaultyRpc extends JsonRpc {
  readonly #gate: Gate;
  readonly #view: (trouble: Trouble | undefined) => NodeView | undefined;
  readonly #onSubmission: (raw: string) => void;

  constructor(
    options: JsonRpcOptions & {
      readonly gate: Gate;
      /** Undefined for a node that knows everything. */
      readonly view: (trouble: Trouble | undefined) => NodeView | undefined;
      readonly onSubmission: (raw: string) => void;
    },
  ) {
    super(options);
    this.#gate = options.gate;
    this.#view = options.view;
    this.#onSubmission = options.onSubmission;
  }

  override async call<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const [outcome] = await this.#exchange<T>([{ method, params }]);
    if (outcome instanceof RpcError) throw outcome;
    return outcome as T;
  }

  override batch<T>(calls: readonly RpcCall[]): Promise<(T | RpcError)[]> {
    return calls.length === 0 ? Promise.resolve([]) : this.#exchange(calls);
  }

  #exchange<T>(calls: readonly RpcCall[]): Promise<(T | RpcError)[]> {
    const [first, ...rest] = calls;
    return this.#gate.pass('chain', `${first?.method} +${rest.length}`, async (trouble) => {
      if (trouble === 'lost') throw this.#broken('the request is lost');
      for (const { method, params = [] } of calls) {
        if (method === 'eth_sendRawTransaction') this.#onSubmission(String(params[0]));
      }
      const view = this.#view(trouble);
      const outcomes = view ? await this.#askAs<T>(view, calls) : await super.batch<T>(calls);
      if (trouble === 'answer lost') throw this.#broken('the answer is lost');
      return outcomes;
    });
  }

  async #askAs<T>(view: NodeView, calls: readonly RpcCall[]): Promise<(T | RpcError)[]> {
    const asked = calls.map((call) => askedAs(view, call));
    const outcomes = await super.batch<T>(asked.filter((each): each is RpcCall => 'method' in each));
    return asked.map((each, index) => {
      if (each instanceof RpcError) return each;
      if ('result' in each) return each.result as T;
      const outcome = outcomes.shift();
      const call = calls[index] ?? each;
      return outcome instanceof RpcError ? outcome : (answeredAs(view, call, outcome) as T | RpcError);
    });
  }

  #broken(what: string): Error {
    const cause = this.#gate.broken(what);
    return cause instanceof ConnectionLost ? new RpcTransportError(what, { cause }) : cause;
  }
}

/** The signer as a process sees it. */
export class FaultyVault extends VaultClient {
  readonly #gate: Gate;

  constructor(options: { readonly socketPath: string; readonly timeoutMs: number; readonly gate: Gate }) {
    super(options);
    this.#gate = options.gate;
  }

  override addresses(keySet: number, from: number, count: number): Promise<string[]> {
    return this.#exchange('addresses', () => super.addresses(keySet, from, count));
  }

  override relayerAddress(index: number): Promise<string> {
    return this.#exchange('relayerAddress', () => super.relayerAddress(index));
  }

  override signTransfers(items: readonly TransferToSign[], token: TokenRef): Promise<TransferSignature[]> {
    return this.#exchange('signTransfers', () => super.signTransfers(items, token));
  }

  override signRelay(relay: RelayToSign): Promise<SignedRelay> {
    return this.#exchange('signRelay', () => super.signRelay(relay));
  }

  #exchange<T>(what: string, ask: () => Promise<T>): Promise<T> {
    return this.#gate.pass('signer', what, async (trouble) => {
      if (trouble === 'lost') throw this.#broken('the request is lost');
      const answer = await ask();
      if (trouble === 'answer lost') throw this.#broken('the answer is lost');
      return answer;
    });
  }

  #broken(what: string): Error {
    const cause = this.#gate.broken(what);
    return cause instanceof ConnectionLost ? new VaultUnavailable(what, { cause }) : cause;
  }
}
