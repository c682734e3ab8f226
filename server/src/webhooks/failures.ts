import { EgressRefused, NameUnresolved } from '../kernel/egress.ts';

/**
 * Why an attempt has no full answer: the URL or where its name leads is not allowed, the name has no address, nobody
 * listens there, TLS failed, the time was up before or after the status came, the connection was lost, or what came
 * is not an answer of HTTP/1.1.
 */
export type AttemptErrorCode =
  | 'refused'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'body_timeout'
  | 'reset'
  | 'protocol'
  | 'closed';

export interface Failure {
  readonly error: string;
  readonly errorCode: AttemptErrorCode;
}

/** How far an exchange has come. */
export type Phase = 'resolving' | 'connecting' | 'securing' | 'waiting' | 'reading';

/** The sender was closed. */
export class SenderClosed extends Error {
  override readonly name = 'SenderClosed';
}

/** The connection ended between two requests. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded';
  readonly code = 'ECONNRESET';
}

/** What came is not what HTTP/1.1 allows; the message is a sentence for the endpoint's owner. */
export class ProtocolBroken extends Error {
  override readonly name = 'ProtocolBroken';
}

/** Of Node and OpenSSL; other failures of TLS are told as one. */
const CERTIFICATE_SENTENCES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate is signed by an unknown authority, or its chain is incomplete',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is signed by an unknown authority, or its chain is incomplete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the certificate is signed by an unknown authority, or its chain is incomplete',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};

const TIMEOUT_SENTENCES: Readonly<Record<Phase, string>> = {
  resolving: 'the host name was not resolved in time',
  connecting: 'no connection in time',
  securing: 'the TLS handshake was not finished in time',
  waiting: 'no answer in time',
  reading: 'the body of the answer was not finished in time',
};

const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/** The connection was lost, by reset or end: whatever was sent may or may not have been read. */
export const isLost = (error: Error): boolean =>
  LOST_CODES.has(codeOf(error)) ||
  (codeOf(error) === 'UND_ERR_SOCKET' && /^(other side )?closed$/.test(error.message));

export const timeoutFailure = (phase: Phase): Failure => ({
  error: TIMEOUT_SENTENCES[phase],
  errorCode: phase === 'reading' ? 'body_timeout' : 'timeout',
});

/** One short, stable sentence and its code; texts of the endpoint and of libraries stay out of it. */
export function toFailure(error: Error, phase: Phase): Failure {
  if (error instanceof SenderClosed) return { error: 'the sender was closed', errorCode: 'closed' };
  if (error instanceof EgressRefused) return { error: error.message, errorCode: 'refused' };
  if (error instanceof NameUnresolved) return { error: error.message, errorCode: 'dns' };
  const code = codeOf(error);
  if (phase === 'resolving' || phase === 'connecting') return connectFailure(error);
  if (phase === 'securing') {
    return { error: CERTIFICATE_SENTENCES[code] ?? 'the TLS handshake failed', errorCode: 'tls' };
  }
  if (isLost(error)) return lostFailure(phase);
  if (code.startsWith('ERR_SSL_')) return { error: 'TLS failed after the handshake', errorCode: 'tls' };
  return { error: protocolSentence(error, phase), errorCode: 'protocol' };
}

function lostFailure(phase: Phase): Failure {
  const part = phase === 'reading' ? 'the answer was complete' : 'there was an answer';
  return { error: `the connection was closed before ${part}`, errorCode: 'reset' };
}

function connectFailure(error: Error): Failure {
  // Several addresses were tried; the first tells enough.
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  if (isLost(first)) return lostFailure('connecting');
  const isRefused = codeOf(first) === 'ECONNREFUSED';
  return { error: isRefused ? 'the connection was refused' : 'no connection', errorCode: 'connect' };
}

function protocolSentence(error: Error, phase: Phase): string {
  const code = codeOf(error);
  if (error instanceof ProtocolBroken) return error.message;
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'the headers of the answer are too large';
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && phase === 'reading')
    return 'the body of the answer is not as long as it says';
  return 'the answer is not HTTP/1.1';
}
