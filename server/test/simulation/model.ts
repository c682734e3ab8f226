import type { SimWallet } from './bed.ts';
import type { Answer, Call } from './life.ts';
import type { Asked, Price } from './prices.ts';
import { priceFindings } from './prices.ts';

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

/** A price as a client asked for it and was told it. */
export interface QuoteKnown {
  readonly ref: string;
  readonly payer: SimWallet;
  /** As the request names it. */
  readonly target: Readonly<Record<string, string>>;
  readonly asked: Asked;
  told: (Price & { readonly id: string; readonly expiresMs: number }) | undefined;
}

/** An attempt to execute a quote. */
export interface PaymentKnown {
  readonly ref: string;
  readonly quote: QuoteKnown;
  /** Undefined for one that no client asked for. */
  readonly request: Request | undefined;
  /** That we were told of. */
  transactionId: string | undefined;
}

export type BankWord = 'settle' | 'reject' | 'return';

const isFinal = (status: number): boolean => status < 300 || status === 409 || status === 422;

/** All that the actors asked for and were told. What they were told must stay true. */
export class Model {
  readonly requests: Request[] = [];
  readonly cashIns: CashInKnown[] = [];
  readonly authorizations: AuthorizationKnown[] = [];
  readonly providerEvents: ProviderEventKnown[] = [];
  readonly quotes: QuoteKnown[] = [];
  readonly payments: PaymentKnown[] = [];
  /** What the bank ever tried with a payout, and what of it it was told is done. */
  readonly bankTried = new Map<string, Set<BankWord>>();
  readonly bankTold = new Map<string, Set<BankWord>>();
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

  noteQuote(quote: QuoteKnown, told: NonNullable<QuoteKnown['told']>): void {
    quote.told = told;
    const found = priceFindings(quote.asked, told);
    this.breaches.push(...found.map((what) => `${quote.ref} ${what}`));
  }

  noteExecuted(payment: PaymentKnown, transactionId: string): void {
    payment.transactionId = transactionId;
    const others = this.payments.filter(({ quote, transactionId: id }) => quote === payment.quote && id);
    if (others.length > 1) this.breaches.push(`${payment.quote.ref} is executed ${others.length} times`);
  }

  /** What cannot be said of a quote: that it is over before its time, or refused for no reason we know. */
  noteRefusal({ ref, quote }: PaymentKnown, code: string, now: Date): void {
    const isLate = quote.told !== undefined && quote.told.expiresMs <= now.getTime();
    const isPossible =
      code === 'insufficient_funds' ||
      code === 'quote_already_accepted' ||
      (code === 'quote_expired' && isLate);
    if (!isPossible) this.breaches.push(`${ref} is refused: ${code}`);
    if (code !== 'quote_already_accepted') return;
    const attempts = this.payments.filter((each) => each.quote === quote);
    if (attempts.length === 1) this.breaches.push(`${ref} is refused: ${code}, and nobody else tried`);
  }

  noteBank(words: Map<string, Set<BankWord>>, payoutId: string, word: BankWord): void {
    words.set(payoutId, new Set([...(words.get(payoutId) ?? []), word]));
  }
}
