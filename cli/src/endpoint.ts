import { createHmac } from 'node:crypto';
import { UsageError } from './command.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './delivery.ts';

const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `3000/hook` and `localhost:3000/hook` are taken for http. Throws `UsageError` for what is no http address. */
function readUrl(given: string): string {
  const full = /^[0-9]+(?:[/?]|$)/.test(given) ? `localhost:${given}` : given;
  const url = full.includes('://') ? full : `http://${full}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new UsageError(`${given} is no address that http can reach.`);
}

/**
 * The secret of what this key forwards: always the same, so that an endpoint is told it once. It follows from the API
 * secret, which it does not tell.
 */
export const listenSecret = ({ apiSecret }: Pick<Connection, 'apiSecret'>): string =>
  `whsec_${createHmac('sha256', apiSecret).update('openoms listen').digest('hex')}`;

/** Throws `UsageError` for a secret that no verifier could use. */
export function readEndpoint(url: string, secret: string | undefined, connection: Connection): Endpoint {
  if (secret !== undefined && !SECRET.test(secret)) throw new UsageError('--secret takes whsec_ and base64.');
  return { url: readUrl(url), secret: secret ?? listenSecret(connection) };
}
