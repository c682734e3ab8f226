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

describe('OMS_WEBHOOK_TRUSTED_HOSTS', () => {
  const hosts = (env: Record<string, string>) => readConfig(env, '/srv/openoms').webhookTrustedHosts;

  it('is the loopback beside the local chain, and nobody beside another', () => {
    expect(hosts({ OMS_LOCAL_CHAIN: '1' })).toEqual(['localhost', '127.0.0.1', '[::1]']);
    expect(hosts({})).toEqual([]);
    expect(hosts({ OMS_LOCAL_CHAIN: '1', OMS_WEBHOOK_TRUSTED_HOSTS: '' })).toEqual([]);
  });

  it('names hosts as URLs have them', () => {
    const env = { OMS_WEBHOOK_TRUSTED_HOSTS: 'LocalHost, hooks.internal,10.0.0.7,[fd00::7]' };
    expect(hosts(env)).toEqual(['localhost', 'hooks.internal', '10.0.0.7', '[fd00::7]']);
  });

  it.each([
    'localhost:3000',
    '::1',
    '0x7f.1',
    'http://localhost',
    '10.0.0.0/8',
    'a b',
    'user@host',
    '*.internal/',
  ])('is not %s', (text) => {
    expect(() => hosts({ OMS_WEBHOOK_TRUSTED_HOSTS: text })).toThrow(ConfigError);
  });
});

describe('OMS_WEBHOOK_NAME_SERVERS', () => {
  const servers = (text: string) =>
    readConfig({ OMS_WEBHOOK_NAME_SERVERS: text }, '/srv/openoms').webhookNameServers;

  it('is none, or addresses with or without a port', () => {
    expect(servers('')).toBeUndefined();
    expect(servers('10.0.0.2, 10.0.0.3:5353,[fd00::2]:53')).toEqual([
      '10.0.0.2',
      '10.0.0.3:5353',
      '[fd00::2]:53',
    ]);
    expect(() => servers('ns.example.com')).toThrow(ConfigError);
    expect(() => servers('10.0.0.2:99999')).toThrow(ConfigError);
  });
});

describe('OMS_PUBLIC_URL and OMS_TRUSTED_PROXIES', () => {
  const read = (env: Record<string, string>) => readConfig(env, '/srv/openoms');

  it('are none, or a URL and addresses or networks', () => {
    expect(read({})).toMatchObject({ publicUrl: undefined, trustedProxies: [] });
    expect(read({ OMS_PUBLIC_URL: 'https://oms.example.com' }).publicUrl).toBe('https://oms.example.com');
    expect(read({ OMS_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    expect(() => read({ OMS_PUBLIC_URL: 'oms.example.com' })).toThrow(ConfigError);
    for (const text of ['proxy.internal', '10.0.0.0/x', '10.0.0.1/8/8', 'true', '10.0.0.0/99'])
      expect(() => read({ OMS_TRUSTED_PROXIES: text }), text).toThrow(ConfigError);
  });
});
