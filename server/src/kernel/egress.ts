import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where webhooks may go besides the public internet. Hosts as in a URL, such as `localhost` or `[::1]`. */
export interface EgressPolicy {
  /** Hosts that may be reached over plain http and at any address; a deployment lists its own. */
  readonly trustedHosts: readonly string[];
}

/** The address is inside a private network, or the host resolves to none that is public. */
class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
}

/** Special-purpose ranges (IANA registries for IPv4 and IPv6): nothing public lives there. */
const NOT_PUBLIC: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['::ffff:0:0', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const blocked = new BlockList();
for (const [network, prefix, family] of NOT_PUBLIC) blocked.addSubnet(network, prefix, family);

const isPublicAddress = (address: string): boolean =>
  !blocked.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const isTrusted = (policy: EgressPolicy, hostname: string): boolean => policy.trustedHosts.includes(hostname);

/** What is wrong with a webhook URL before any name is resolved; undefined when nothing is. */
export function urlIssue(text: string, policy: EgressPolicy): string | undefined {
  const url = URL.parse(text);
  if (!url) return 'is not a URL';
  if (url.username || url.password) return 'must not carry credentials';
  if (isTrusted(policy, url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:'))
    return undefined;
  if (url.protocol !== 'https:') return 'must be https';
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) && !isPublicAddress(address)) return 'is inside a private network';
  if (!isIP(address) && !url.hostname.includes('.')) return 'is not a public host name';
  return undefined;
}

/**
 * Resolves a host for one connection: every address must be public, and the connection goes to one that was checked,
 * so a name that answers differently the next time gains nothing.
 */
export function checkedLookup(policy: EgressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = isTrusted(policy, hostname)
        ? undefined
        : addresses.find((each) => !isPublicAddress(each.address));
      if (refused) return callback(new EgressRefused('the host resolves to a private address'), []);
      const [first] = addresses;
      if (!first) return callback(new EgressRefused('the host has no address'), []);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
