import {
  createApiKey,
  listApiKeys,
  revokeApiKey,
  type ApiKey as WireApiKey,
} from '@openoms/contract/console/project.ts';
import { type Audit, byCaller } from '../audit/audit.ts';
import { one } from '../db/database.ts';
import { type Route, route } from '../http/operation.ts';
import { permissionsOf } from '../http/standing.ts';
import { assert } from '../kernel/assert.ts';
import { type Clock, toIsoSeconds } from '../kernel/clock.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import { type ApiKeyRow, type ApiKeys, newKeyPair } from './api-keys.ts';

export interface ApiKeyRoutesDeps {
  readonly apiKeys: ApiKeys;
  readonly audit: Audit;
  /** The server's: keys are the instance's business, whatever time a sandbox has. */
  readonly clock: Clock;
}

/** API keys as members see them: the secret is in one answer and nowhere else. */
export const apiKeyRoutes = ({ apiKeys, audit, clock }: ApiKeyRoutesDeps): readonly Route[] => [
  route(listApiKeys, async (tx) => ({ data: (await apiKeys.list(tx)).map(toApiKey) })),
  route(createApiKey, async (tx, { body }, caller) => {
    const permissions = await permissionsOf(tx, caller.principal);
    const { name, scopes = permissions } = body;
    const beyond = scopes.filter((scope) => !permissions.includes(scope));
    if (beyond.length > 0)
      throw new ApiError(403, 'forbidden', `You may not give what you do not have: ${beyond.join(', ')}.`);
    const { apiKey, apiSecret } = newKeyPair(caller.mode);
    const { projectId, actor } = caller;
    const made = { projectId, apiKey, secret: apiSecret, name, scopes, createdBy: actor };
    assert(await apiKeys.insert(tx, { ...made, createdAt: clock.now() }), 'nobody has it');
    const details = { name, scopes };
    await audit.record(tx, { ...byCaller(caller), action: 'apiKey.created', resourceId: apiKey, details });
    return { key: toApiKey(one(await apiKeys.list(tx, apiKey), 'the key')), apiSecret };
  }),
  route(revokeApiKey, async (tx, { params: { apiKey } }, caller) => {
    if (await apiKeys.revoke(tx, apiKey, clock.now())) {
      await audit.record(tx, { ...byCaller(caller), action: 'apiKey.revoked', resourceId: apiKey });
    }
    const [row] = await apiKeys.list(tx, apiKey);
    if (!row) throw notFound('resource');
    return toApiKey(row);
  }),
];

const toApiKey = (row: ApiKeyRow): WireApiKey => ({
  apiKey: row.api_key,
  object: 'apiKey',
  name: row.name,
  scopes: row.scopes,
  createdBy: row.created_by,
  createdAt: toIsoSeconds(row.created_at),
  lastUsedAt: row.last_used_at && toIsoSeconds(row.last_used_at),
  revokedAt: row.revoked_at && toIsoSeconds(row.revoked_at),
});
