import type { Delivery } from './kit.ts';

const SIGNATURE = 'webhook-signature';

/** The delivery with that header, in the place of the one it has, or without it. */
export function withHeader(delivery: Delivery, name: string, value: string | undefined): Delivery {
  const { [name]: _, ...headers } = delivery.headers;
  return { ...delivery, headers: value === undefined ? headers : { ...headers, [name]: value } };
}

export const signatureOf = ({ headers }: Delivery): string => headers[SIGNATURE] ?? '';

export const withSignature = (delivery: Delivery, value: string | undefined): Delivery =>
  withHeader(delivery, SIGNATURE, value);

/**
 * Each signature of the header changed, those of both schemes. `name` is `v1` with what divides it from its value;
 * `value` is hex or base64.
 */
export function withEachSignature(
  delivery: Delivery,
  change: (signature: { readonly name: string; readonly value: string }) => string,
): Delivery {
  const header = signatureOf(delivery).replace(
    /(v1=)([0-9a-f]{64})|(v1,)([A-Za-z0-9+/]{43}=)/g,
    (_, ...[hexName, hex, base64Name, base64]: string[]) =>
      change({ name: hexName ?? base64Name ?? '', value: hex ?? base64 ?? '' }),
  );
  return withSignature(delivery, header);
}

/** Both times of the headers moved, without signing anew. */
export function withMovedTime(delivery: Delivery, seconds: number): Delivery {
  const moved = String(Number(delivery.headers['webhook-timestamp']) + seconds);
  const header = signatureOf(delivery).replace(/^t=\d+/, `t=${moved}`);
  return withSignature(withHeader(delivery, 'webhook-timestamp', moved), header);
}

/** Header names written as `Webhook-Signature`. */
export function withCapitals(delivery: Delivery): Delivery {
  const headers = Object.fromEntries(
    Object.entries(delivery.headers).map(([name, value]) => [
      name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()),
      value,
    ]),
  );
  return { ...delivery, headers };
}
