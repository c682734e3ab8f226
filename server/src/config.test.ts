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

describe('OMS_RATES', () => {
  const rates = (text: string) => readConfig({ OMS_RATES: text }, '/srv/openoms').rates;

  it('is fixed, a file or a URL', () => {
    expect(readConfig({}, '/srv/openoms')).toMatchObject({
      rates: { kind: 'fixed' },
      ratesMaxAgeMs: 300_000,
    });
    expect(rates('fixed')).toEqual({ kind: 'fixed' });
    expect(rates('file:/etc/openoms/rates.json')).toEqual({ kind: 'file', path: '/etc/openoms/rates.json' });
    expect(rates('https://rates.example.com/v1')).toEqual({
      kind: 'http',
      url: 'https://rates.example.com/v1',
    });
  });

  it.each(['1:1', 'file://elsewhere/rates.json', 'ftp://rates.example.com', '/etc/rates.json'])(
    'is not %s',
    (text) => {
      expect(() => rates(text)).toThrow(ConfigError);
    },
  );
});
