import { createToken } from '@openoms/contract/auth.ts';
import { type Route, route } from '../http/operation.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import type { ApiKeys } from './api-keys.ts';
import { TOKEN_LIFETIME_SECONDS, type Tokens } from './tokens.ts';

export const authRoutes = (apiKeys: ApiKeys, tokens: Tokens): readonly Route[] => [
  route(createToken, async (tx, { body }) => {
    const key = await apiKeys.verify(tx, body.apiKey, body.apiSecret);
    if (!key)
      throw new ApiError(
        401,
        'invalid_credentials',
        'The API key or its secret is unknown, wrong or revoked.',
      );
    const { token, expiresAt } = await tokens.issue(key);
    return {
      accessToken: token,
      tokenType: 'bearer' as const,
      expiresIn: TOKEN_LIFETIME_SECONDS,
      expiresAt: toIsoSeconds(expiresAt),
    };
  }),
];
