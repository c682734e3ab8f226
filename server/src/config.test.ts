import { describe, expect, it } from 'vitest';
import { USDC_LOOKALIKES_POLYGON } from './chain/token/contracts.ts';
import { ConfigError, readConfig } from './config.ts';

const TOKEN = `0x${'ab'.repeat(20)}`;
const otherTokens = (env: Record<string, string>) => readConfig(env, '/srv/openoms').otherTokens;

describe('CHAIN_OTHER_TOKENS', () => {
  it('is by default every contract of the local chain, what is mistaken for USDC on Polygon, and none elsewhere', () => {
    expect(otherTokens({ OMS_LOCAL_CHAIN: '1' })).toBe('all');
    expect(otherTokens({})).toBe(USDC_LOOKALIKES_POLYGON);
    expect(otherTokens({ CHAIN_ID: '80002' })).toEqual([]);
  });

  it('names addresses, or all, or none', () => {
    expect(otherTokens({ CHAIN_OTHER_TOKENS: ` ${TOKEN}, ${TOKEN} ` })).toEqual([TOKEN, TOKEN]);
    expect(otherTokens({ CHAIN_OTHER_TOKENS: 'all' })).toBe('all');
    expect(otherTokens({ CHAIN_OTHER_TOKENS: '', OMS_LOCAL_CHAIN: '1' })).toEqual([]);
    expect(() => otherTokens({ CHAIN_OTHER_TOKENS: `${TOKEN},usdt` })).toThrow(ConfigError);
  });
});
