import { connect, type Socket } from 'node:net';
import { assert } from '../../kernel/assert.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import { onMessage, writeMessage } from './framing.ts';
import {
  type RefusalCode,
  Refused,
  type RelayToSign,
  relayToWire,
  type SignedRelay,
  type TokenRef,
  type TransferSignature,
  type TransferToSign,
  transferToWire,
} from './protocol.ts';

/** No answer: the signer is not there, went away or took too long. Asking again is safe. */
export class VaultUnavailable extends Error {
  override readonly name = 'VaultUnavailable';
}

const MAX_PENDING = 1_000;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Asks the signer process over its unix socket. Connects at the first request and again after a loss. */
export class VaultClient {
  readonly #socketPath: string;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | undefined;
  #nextId = 1;

  constructor(options: { readonly socketPath: string; readonly timeoutMs: number }) {
    this.#socketPath = options.socketPath;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Wallet addresses `from` … `from + count - 1` of a key set, in lower case. Throws Refused for an unknown set. */
  async addresses(keySet: number, from: number, count: number): Promise<string[]> {
    return (await this.#ask('addresses', { keySet, from, count })) as string[];
  }

  async relayerAddress(index: number): Promise<string> {
    return (await this.#ask('relayerAddress', { index })) as string;
  }

  /** One answer per transfer, in order: its signature, or why there is none. Repeatable: same input, same bytes. */
  async signTransfers(items: readonly TransferToSign[], token: TokenRef): Promise<TransferSignature[]> {
    return (await this.#ask('signTransfers', {
      ...token,
      items: items.map(transferToWire),
    })) as TransferSignature[];
  }

  /** The relayer's transaction that submits the transfers. Throws Refused. */
  async signRelay(relay: RelayToSign): Promise<SignedRelay> {
    return (await this.#ask('signRelay', relayToWire(relay))) as SignedRelay;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #ask(method: string, params: object, timeoutMs = this.#timeoutMs): Promise<unknown> {
    assertOutsideTransaction('vault');
    assert(this.#pending.size < MAX_PENDING, 'too many requests to the signer at once');
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(new VaultUnavailable(`no answer from the signer within ${timeoutMs} ms`));
    }, timeoutMs);
    this.#pending.set(id, { resolve, reject, timer });
    writeMessage(this.#connected(), { id, method, params });
    return promise;
  }

  /** Writes before the connection stands are queued by the socket. */
  #connected(): Socket {
    if (this.#socket) return this.#socket;
    const socket = connect(this.#socketPath);
    this.#socket = socket;
    let cause: Error | undefined;
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#failAll(new VaultUnavailable('the connection to the signer is lost', { cause }));
    });
    onMessage(socket, (message) => this.#receive(message));
    return socket;
  }

  #receive(message: Record<string, unknown>): void {
    const pending = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined;
    if (!pending) return;
    this.#pending.delete(message.id as number);
    clearTimeout(pending.timer);
    const refused = message.refused as { code: RefusalCode; message: string } | undefined;
    if (refused) pending.reject(new Refused(refused.code, refused.message));
    else if (message.failed) pending.reject(new VaultUnavailable('the signer failed'));
    else pending.resolve(message.result);
  }

  #failAll(error: Error): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }
}
