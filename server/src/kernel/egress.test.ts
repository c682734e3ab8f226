import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type NameServer, startNameServer } from '../../test/egress/name-server.ts';
import { PRIVATE_URLS, PUBLIC_URLS } from '../../test/egress/private-urls.ts';
import { checkedLookup, type EgressPolicy, urlIssue } from './egress.ts';

const NOBODY: EgressPolicy = { trustedHosts: [] };
const trusting = (...trustedHosts: string[]): EgressPolicy => ({ trustedHosts });

describe('a URL', () => {
  describe.each(Object.entries(PRIVATE_URLS))('of %s', (_, urls) => {
    it.each(urls.map((url) => url.replace('{port}', '8443')))('is refused: %j', (url) => {
      expect(urlIssue(url, NOBODY)).toEqual(expect.any(String));
    });
  });

  it.each(PUBLIC_URLS)('is taken: %s', (url) => {
    expect(urlIssue(url, NOBODY)).toBeUndefined();
  });

  it.each([
    ['http://localhost:3000/', 'localhost'],
    ['https://localhost:3000/', 'localhost'],
    ['http://LOCALHOST/', 'localhost'],
    ['http://127.0.0.1:1/', '127.0.0.1'],
    ['http://[::1]:1/', '[::1]'],
    ['http://[0:0:0:0:0:0:0:1]:1/', '[::1]'],
    ['http://hooks.internal/x', 'hooks.internal'],
    ['http://receiver:8080/x', 'receiver'],
  ])('%s is taken where %s is trusted, and nowhere else', (url, host) => {
    expect(urlIssue(url, trusting(host))).toBeUndefined();
    expect(urlIssue(url, trusting('other', '10.0.0.1'))).toEqual(expect.any(String));
  });

  it.each([
    'ftp://localhost/',
    'http://user@localhost/',
    'http://localhost./',
    'http://localhost:0/',
    'http://sub.localhost/',
    'http://localhost.example.com/',
    'http://localhost@10.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::ffff:127.0.0.1]/',
  ])('is refused even where the loopback is trusted: %s', (url) => {
    expect(urlIssue(url, trusting('localhost', '127.0.0.1', '[::1]'))).toEqual(expect.any(String));
  });
});

describe('a name', () => {
  /** What each name is answered; a second list is the answer from the second question on. */
  const zone: Record<string, readonly (readonly Answer[])[]> = {};
  let server: NameServer;
  beforeAll(async () => {
    server = await startNameServer(({ name, type, before }) => {
      const lists = zone[name];
      const answers = lists?.[Math.min(before, lists.length - 1)];
      return answers?.filter((answer) => answer.type === type || answer.type === 'CNAME');
    });
  });
  afterAll(() => server.close());

  const resolve = (name: string, policy: EgressPolicy = NOBODY) =>
    new Promise<string[]>((done, failed) => {
      const lookup = checkedLookup({ ...policy, nameServers: [server.address] });
      lookup(name, { all: true }, (error, addresses) => {
        if (error) failed(error);
        else if (typeof addresses === 'string') failed(new Error('one address instead of all'));
        else done(addresses.map(({ address }) => address));
      });
    });
  const a = (address: string, of?: string): Answer => ({ type: 'A', address, ...(of && { of }) });
  const aaaa = (address: string): Answer => ({ type: 'AAAA', address });
  const cname = (target: string, of?: string): Answer => ({ type: 'CNAME', target, ...(of && { of }) });

  it('leads to all its addresses when all are public', async () => {
    zone['hooks.example.com'] = [[a('8.8.8.8'), a('1.1.1.1'), aaaa('2606:4700:4700::1111')]];
    expect(await resolve('hooks.example.com')).toEqual(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111']);
    zone['six.example.com'] = [[aaaa('2a00:1450:4001:82a::200e')]];
    expect(await resolve('six.example.com')).toEqual(['2a00:1450:4001:82a::200e']);
  });

  it.each<readonly [string, readonly Answer[]]>([
    ['the loopback', [a('127.0.0.1')]],
    ['this host', [a('0.0.0.0')]],
    ['a private network', [a('10.0.0.1')]],
    ['the metadata of a cloud', [a('169.254.169.254')]],
    ['the metadata of a cloud at a public address', [a('168.63.129.16')]],
    ['a public address and a private one', [a('8.8.8.8'), a('192.168.0.1')]],
    ['a private address and a public one', [a('192.168.0.1'), a('8.8.8.8')]],
    ['a public IPv4 and a private IPv6', [a('8.8.8.8'), aaaa('fd00::1')]],
    ['a public IPv6 and a private IPv4', [aaaa('2606:4700:4700::1111'), a('10.0.0.1')]],
    ['::1', [aaaa('::1')]],
    ['::', [aaaa('::')]],
    ['a mapped address', [aaaa('::ffff:127.0.0.1')]],
    ['a mapped public address', [aaaa('::ffff:8.8.8.8')]],
    ['a compatible address', [aaaa('::127.0.0.1')]],
    ['a translated address', [aaaa('::ffff:0:127.0.0.1')]],
    ['an address behind NAT64', [aaaa('64:ff9b::10.0.0.1')]],
    ['an address behind local NAT64', [aaaa('64:ff9b:1::10.0.0.1')]],
    ['an address behind 6to4', [aaaa('2002:a00:1::1')]],
    ['an address behind Teredo', [aaaa('2001::7f00:1')]],
    ['an address behind ISATAP', [aaaa('2606:4700::5efe:10.0.0.1')]],
    ['a link-local address', [aaaa('fe80::1')]],
    ['a site-local address', [aaaa('fec0::1')]],
    ['an alias of a private address', [cname('inner.example.com'), a('10.0.0.1', 'inner.example.com')]],
    [
      'a chain of aliases to the loopback',
      [
        cname('b.example.com'),
        cname('c.example.com', 'b.example.com'),
        cname('localhost', 'c.example.com'),
        a('127.0.0.1', 'localhost'),
      ],
    ],
  ])('is refused that leads to %s', async (_, answers) => {
    zone['evil.example.com'] = [answers];
    const refused = resolve('evil.example.com');
    await expect(refused).rejects.toMatchObject({ name: 'EgressRefused' });
  });

  it('that answers differently the next time is asked and checked each time', async () => {
    zone['rebind.example.com'] = [[a('8.8.8.8')], [a('127.0.0.1')], [a('8.8.4.4'), a('127.0.0.1')]];
    expect(await resolve('rebind.example.com')).toEqual(['8.8.8.8']);
    await expect(resolve('rebind.example.com')).rejects.toMatchObject({ name: 'EgressRefused' });
    await expect(resolve('rebind.example.com')).rejects.toMatchObject({ name: 'EgressRefused' });
  });

  it('is asked once for all connections that are opened at the same time', async () => {
    zone['many.example.com'] = [[a('8.8.8.8')]];
    const lookup = checkedLookup({ trustedHosts: [], nameServers: [server.address] });
    const opened = Array.from(
      { length: 8 },
      () =>
        new Promise((done, failed) =>
          lookup('many.example.com', {}, (error, address, family) =>
            error ? failed(error) : done([address, family]),
          ),
        ),
    );
    expect(await Promise.all(opened)).toEqual(Array(8).fill(['8.8.8.8', 4]));
    expect(server.questions.filter(({ name }) => name === 'many.example.com')).toHaveLength(2);
  });

  it('that does not exist is not resolved', async () => {
    await expect(resolve('nobody.example.com')).rejects.toMatchObject({ name: 'NameUnresolved' });
  });

  it('that is localhost is the loopback, whatever name servers say, and only where it is trusted', async () => {
    zone.localhost = [[a('10.0.0.1')]];
    expect(await resolve('localhost', trusting('localhost'))).toEqual(['127.0.0.1', '::1']);
    await expect(resolve('localhost')).rejects.toMatchObject({ name: 'EgressRefused' });
    expect(server.questions.filter(({ name }) => name === 'localhost')).toEqual([]);
  });

  it.each([
    ['10.1.2.3', true],
    ['172.20.0.2', true],
    ['192.168.65.254', true],
    ['fd00::7', true],
    ['8.8.8.8', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['0.0.0.0', false],
    ['169.254.169.254', false],
    ['fe80::1', false],
    ['224.0.0.1', false],
    ['::ffff:10.1.2.3', false],
  ])('that is trusted may lead to %s: %s', async (address, allowed) => {
    zone['hooks.internal'] = [[address.includes(':') ? aaaa(address) : a(address)]];
    const resolved = resolve('hooks.internal', trusting('hooks.internal'));
    if (allowed) expect(await resolved).toEqual([address]);
    else await expect(resolved).rejects.toMatchObject({ name: 'EgressRefused' });
    await expect(resolve('other.internal', trusting('hooks.internal'))).rejects.toThrow();
  });

  it('that is trusted may lead to the loopback where that is trusted too', async () => {
    zone['dev.example.com'] = [[a('127.0.0.1'), aaaa('::1')]];
    expect(await resolve('dev.example.com', trusting('dev.example.com', 'localhost'))).toHaveLength(2);
    const one = resolve('dev.example.com', trusting('dev.example.com', '127.0.0.1'));
    await expect(one).rejects.toMatchObject({ name: 'EgressRefused' });
    expect(await resolve('dev.example.com', trusting('dev.example.com', '127.0.0.1', '[::1]'))).toHaveLength(
      2,
    );
  });

  it('is resolved by the system when no name server is given', async () => {
    const lookup = checkedLookup(NOBODY);
    const resolved = new Promise((done, failed) =>
      lookup('no-such-name.invalid', {}, (error) => (error ? failed(error) : done(undefined))),
    );
    await expect(resolved).rejects.toMatchObject({ name: 'NameUnresolved' });
  });
});
