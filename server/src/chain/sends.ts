import type { Tx } from '../db/database.ts';
import type { Channel, Waker } from '../db/waker.ts';
import { assert, must } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { NetworkName, TokenAsset } from './networks.ts';

/** Why a send failed; it is then certain that it was not paid and never will be. */
export type SendFailureCode =
  | 'recipient_blacklisted'
  | 'sender_blacklisted'
  | 'insufficient_onchain_balance'
  | 'token_paused'
  | 'authorization_rejected';

export interface SendRequest {
  /** Default: a new id. An id is used once. */
  readonly sendId?: string;
  /** The wallet that pays, as `takeAddress` gave it. */
  readonly fromKeyIndex: bigint;
  readonly fromAddress: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly network: NetworkName;
  readonly asset: TokenAsset;
  /** Whose send it is, returned with its outcome: a slice's name and the id of the slice's row. */
  readonly purpose: string;
  readonly resourceId: string;
  /**
   * True when the owner of the send books the recipient's side itself. False for an outside address: should it be
   * one that we watch, another customer's wallet say, the arrival is a deposit there.
   */
  readonly booksRecipient: boolean;
}

interface SendOutcome {
  readonly sendId: string;
  readonly network: NetworkName;
  readonly asset: TokenAsset;
  readonly amountMinor: bigint;
  readonly purpose: string;
  readonly resourceId: string;
}

export interface PaidSend extends SendOutcome {
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

export interface FailedSend extends SendOutcome {
  readonly failureCode: SendFailureCode;
}

/** An incoming transfer to a watched address. */
export interface Deposit {
  readonly depositId: string;
  readonly network: NetworkName;
  readonly asset: TokenAsset;
  readonly txHash: string;
  readonly logIndex: number;
  readonly blockNumber: bigint;
  readonly from: string;
  readonly to: string;
  readonly amountMinor: bigint;
  readonly purpose: WatchPurpose;
  readonly resourceId: string;
  /** When it was first seen. */
  readonly detectedAt: Date;
}

export type WatchPurpose = 'wallet' | 'treasury' | 'depositAddress';

/**
 * What settlement tells the slices. Each call is for one project, in the transaction (scope = that project) that
 * changes the rows' status, with at most 200 items; a throw undoes both and the call comes again.
 */
export interface SettlementHandlers {
  /** Final on chain. Once per send. */
  sendsPaid(tx: Tx, sends: readonly PaidSend[]): Promise<void>;
  /** Never paid and no longer payable. Once per send. */
  sendsFailed(tx: Tx, sends: readonly FailedSend[]): Promise<void>;
  /** Seen in a block that may still be reorganised away. */
  depositsDetected(tx: Tx, deposits: readonly Deposit[]): Promise<void>;
  /** Final on chain; always after its detection. Once per deposit. */
  depositsCredited(tx: Tx, deposits: readonly Deposit[]): Promise<void>;
  /** Its block is gone. The same transfer in another block is another deposit; the block's return detects it again. */
  depositsOrphaned(tx: Tx, deposits: readonly Deposit[]): Promise<void>;
}

/** The port to whoever may refuse a payment before it is relayed. */
export interface SendPolicy {
  /** In the order of the recipients: why a payment to it is never made, or undefined; empty: all may be made. */
  refusalsOf(tx: Tx, recipients: readonly string[]): Promise<readonly (SendFailureCode | undefined)[]>;
}

const NO_POLICY: SendPolicy = { refusalsOf: async () => [] };

/** The relayer listens here. Sends requested within the window are relayed together. */
export const SENDS_CHANNEL: Channel = { name: 'oms_sends', gatherMs: 50 };

/** Queues payments in the caller's transaction. */
export class Sends {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #waker: Waker;
  readonly #policy: SendPolicy;

  constructor(deps: {
    readonly clock: Clock;
    readonly ids: Ids;
    readonly waker: Waker;
    /** Default: refuses nothing. */
    readonly sendPolicy?: SendPolicy;
  }) {
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.#waker = deps.waker;
    this.#policy = deps.sendPolicy ?? NO_POLICY;
  }

  /** The send exists if and only if the caller commits; its outcome comes to the settlement handlers. */
  async requestSend(tx: Tx, request: SendRequest): Promise<{ readonly sendId: string }> {
    const [sendId] = await this.requestSends(tx, [request]);
    return { sendId: must(sendId, 'one send') };
  }

  /** The same for many, in one statement; the ids come in the order of the requests. */
  async requestSends(tx: Tx, requests: readonly SendRequest[]): Promise<string[]> {
    if (requests.length === 0) return [];
    for (const { amountMinor } of requests) assert(amountMinor > 0n, 'a send has a positive amount');
    const sendIds = requests.map(({ sendId }) => sendId ?? this.#ids.next('send'));
    const refusals = await this.#policy.refusalsOf(
      tx,
      requests.map(({ to }) => to),
    );
    await tx.query(
      `insert into sends (project_id, status, created_at, send_id, network, asset, from_key_index, from_address,
         to_address, amount, purpose, resource_id, books_recipient, refused_as)
       select $1, 'queued', $2, * from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
         $8::text[], $9::numeric[], $10::text[], $11::text[], $12::boolean[], $13::text[])`,
      [
        tx.scope,
        this.#clock.now(),
        sendIds,
        requests.map(({ network }) => network),
        requests.map(({ asset }) => asset),
        requests.map(({ fromKeyIndex }) => fromKeyIndex.toString()),
        requests.map(({ fromAddress }) => fromAddress.toLowerCase()),
        requests.map(({ to }) => to.toLowerCase()),
        requests.map(({ amountMinor }) => amountMinor.toString()),
        requests.map(({ purpose }) => purpose),
        requests.map(({ resourceId }) => resourceId),
        requests.map(({ booksRecipient }) => booksRecipient),
        requests.map((_, index) => refusals[index] ?? null),
      ],
    );
    tx.afterCommit(() => this.#waker.wake());
    return sendIds;
  }
}
