import type { OPERATIONS } from '@openoms/contract/operations.ts';
import { addressOf } from '../api/client.ts';
import type { AnyInput, ProjectInput, ProjectRoutes } from '../api/routes.ts';
import { useSession } from '../api/session.ts';
import { CodeBlock } from './code-block.tsx';

/** Routes of the public API alone: those of the console take no API key. */
export type PublicRoute = {
  [Id in keyof typeof OPERATIONS]: `${(typeof OPERATIONS)[Id]['method']} ${(typeof OPERATIONS)[Id]['path']}`;
}[keyof typeof OPERATIONS] &
  keyof ProjectRoutes;

export interface CurlProps<R extends PublicRoute> {
  readonly route: R;
  readonly input?: ProjectInput<R>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The text of a call as one would type it; `$OMS_TOKEN` is what `POST /auth/token` answers. */
export function curlOf(baseUrl: string, route: string, input: AnyInput): string {
  const [method = 'GET', path = '/'] = route.split(' ');
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(addressOf(baseUrl, path, input))}`,
    `-H "Authorization: Bearer $OMS_TOKEN"`,
  ];
  if (method !== 'GET' && method !== 'DELETE') {
    lines.push(`-H 'Content-Type: application/json'`, `-H "Idempotency-Key: $(uuidgen)"`);
    // Below its own line, so that the braces stand where the flags do.
    lines.push(`-d ${quoted(JSON.stringify(input.body ?? {}, null, 2)).replaceAll('\n', '\n  ')}`);
  }
  return lines.join(' \\\n  ');
}

/** The next call, ready to be pasted into a terminal. */
export function Curl<R extends PublicRoute>({ route, input }: CurlProps<R>) {
  const { instance } = useSession();
  return <CodeBlock label="Call" code={curlOf(instance.apiBaseUrl, route, (input ?? {}) as AnyInput)} />;
}
