import type { Answer, Call } from './life.ts';
import type { Order, OrderOutcome } from './sends-slice.ts';

/** A request that a client repeats under its key until it has an answer. */
export interface Request {
  readonly ref: string;
  readonly call: Call;
  /** With the answer that says it took effect; once, under a key. */
  readonly onSuccess: (text: string) => void;
  /** With an answer, not a repeated one, that says it did not. */
  readonly onRefusal: (text: string) => void;
  /** The answer that is final for its key. */
  final: { readonly status: number; readonly text: string } | undefined;
}

/** A cash-in as its customer knows it. */
export interface CashInKnown {
  readonly ref: string;
  readonly create: Request;
  readonly customerId: string;
  /** Undefined for an address that is nobody's wallet here. */
  readonly walletId: string | undefined;
  /** In lower case. */
  readonly to: string;
  id: string | undefined;
  code: string;
  /** Amounts that a till or a network ever said it took, in cents. */
  readonly offered: Set<bigint>;
  /** What we were told was taken. */
  takenCents: bigint | undefined;
}

export interface AuthorizationKnown {
  readonly ref: string;
  readonly cashIn: CashInKnown;
  readonly body: {
    readonly accountNumber: string;
    readonly accountReferenceNumber: string;
    readonly originalConfirmationId: string;
  };
  readonly cents: bigint;
  /** The amount we were told is committed. */
  committedCents: bigint | undefined;
}

/** What the cash network told us, as often as it likes. */
export interface ProviderEventKnown {
  readonly ref: string;
  readonly id: string;
  readonly cashIn: CashInKnown;
  readonly cents: bigint;
  isTaken: boolean;
}

export interface SendKnown {
  readonly ref: string;
  readonly order: Order;
  outcome: OrderOutcome | 'unknown';
}

const isFinal = (status: number): boolean => status < 300 || status === 409 || status === 422;

/** All that the actors asked for and were told. What they were told must stay true. */
export class Model {
  readonly requests: Request[] = [];
  readonly cashIns: CashInKnown[] = [];
  readonly authorizations: AuthorizationKnown[] = [];
  readonly providerEvents: ProviderEventKnown[] = [];
  readonly sends: SendKnown[] = [];
  /** What contradicts what was told before. */
  readonly breaches: string[] = [];

  request(
    ref: string,
    call: Call,
    onSuccess: (text: string) => void,
    onRefusal: (text: string) => void = () => undefined,
  ): Request {
    const request: Request = { ref, call, onSuccess, onRefusal, final: undefined };
    this.requests.push(request);
    return request;
  }

  /** What the client now knows. */
  note(request: Request, answer: Answer): void {
    if (!answer.isKnown || !isFinal(answer.status)) return;
    const { status, text } = answer;
    const { final } = request;
    // Nobody promised the same answer to requests without a key.
    if (!final || request.call.key === undefined) {
      request.final = { status, text };
      if (status < 300) request.onSuccess(text);
      else request.onRefusal(text);
    } else if (final.status !== status || final.text !== text) {
      this.breaches.push(`${request.ref}: told ${final.status} ${final.text}, then ${status} ${text}`);
    }
  }

  noteTaken(cashIn: CashInKnown, cents: bigint, by: string): void {
    if (cashIn.takenCents !== undefined && cashIn.takenCents !== cents) {
      this.breaches.push(`${cashIn.ref}: ${cashIn.takenCents} cents were taken, then ${cents} by ${by}`);
    }
    cashIn.takenCents = cents;
  }

  /** A refusal does not stand: the order may be taken this time, whether the answer arrives or not. */
  noteAsked(send: SendKnown): void {
    if (send.outcome === 'insufficient_funds') send.outcome = 'unknown';
  }

  noteSend(send: SendKnown, outcome: OrderOutcome): void {
    // An order whose first answer was lost finds itself there.
    const told = outcome === 'exists' ? 'applied' : outcome;
    if (outcome === 'exists' && send.outcome === 'insufficient_funds') {
      this.breaches.push(`${send.ref}: refused, and there all the same`);
    }
    if (send.outcome === 'applied' && outcome !== 'exists') {
      this.breaches.push(`${send.ref}: took effect, then ${outcome}`);
    }
    send.outcome = told;
  }
}
