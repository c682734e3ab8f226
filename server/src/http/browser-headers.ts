import type { FastifyInstance } from 'fastify';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What a browser may do with the dashboard: nothing but what its own files say, and nobody frames it. */
const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Two years (RFC 6797); subdomains are the operator's to say. */
const HSTS = 'max-age=63072000';

const FOR_BROWSERS = /^\/(console|dashboard)(\/|\?|$)/;

/** On every answer to the dashboard and its page, refusals too. `isSecure`: browsers come over TLS. */
export function protectBrowsers(app: FastifyInstance, isSecure: boolean): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!FOR_BROWSERS.test(request.url)) return;
    reply.headers(HEADERS);
    if (isSecure) reply.header('strict-transport-security', HSTS);
    // What a session sees stays on no disk.
    if (request.url.startsWith('/console')) reply.header('cache-control', 'no-store');
  });
}
