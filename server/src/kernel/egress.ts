import type { LookupAddress } from 'node:dns';
import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

/** Where requests to addresses that others chose may go. The reasons are in docs/decisions/0020-where-webhooks-may-go.md. */
export interface EgressPolicy {
  /**
   * Hosts as a URL has them (`localhost`, `10.0.0.7`, `[::1]`), which may be reached over plain http too. An address is
   * trusted as such. `localhost` is the loopback and is never looked up. Any other name may lead to private addresses,
   * but to loopback ones only if they are trusted themselves.
   */
  readonly trustedHosts: readonly string[];
  /** `address` or `address:port` of the name servers to ask; none: names are resolved as the system does. */
  readonly nameServers?: readonly string[];
}

/** The policy refuses where a name leads. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
}

/** The name has no address, or the name servers gave no answer. */
export class NameUnresolved extends Error {
  override readonly name = 'NameUnresolved';
}

type Network = readonly [network: string, prefix: number];

/**
 * Every block of the IANA IPv4 special-purpose registry, whether it is reachable or not: nobody's receiver is there.
 * Multicast and the reserved class E follow, and the one public address that a cloud gives a host's own metadata.
 */
const SPECIAL_IPV4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['168.63.129.16', 32],
];

/**
 * All that IANA gives out to hosts. Outside of it lie loopback, unique local, link-local, site-local and multicast
 * addresses, and with them the IPv4-mapped, -compatible and -translated ones and both prefixes of NAT64.
 */
const GLOBAL_UNICAST_IPV6: readonly Network[] = [['2000::', 3]];

/** Within it, the registry's special blocks: protocol assignments with Teredo, documentation, 6to4, AS112. */
const SPECIAL_IPV6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

/** Where a trusted name may lead, besides the public internet: what networks give their own hosts. */
const PRIVATE_IPV4: readonly Network[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const PRIVATE_IPV6: readonly Network[] = [['fc00::', 7]];

/** A list holds one family only: rules on `::ffff:0:0/96` would be matched by every IPv4 address. */
function listOf(networks: readonly Network[], family: 'ipv4' | 'ipv6'): (address: string) => boolean {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return (address) => list.check(address, family);
}

const isSpecialIPv4 = listOf(SPECIAL_IPV4, 'ipv4');
const isGlobalIPv6 = listOf(GLOBAL_UNICAST_IPV6, 'ipv6');
const isSpecialIPv6 = listOf(SPECIAL_IPV6, 'ipv6');
const isPrivateIPv4 = listOf(PRIVATE_IPV4, 'ipv4');
const isPrivateIPv6 = listOf(PRIVATE_IPV6, 'ipv6');
const isLoopbackIPv4 = listOf([['127.0.0.0', 8]], 'ipv4');

/** An ISATAP interface identifier (RFC 5214, section 6.1): a tunnel to the IPv4 address in its last 32 bits. */
const ISATAP = /^(?:[0-9a-f]+:){4}(?:0|200):5efe:[0-9a-f]+:[0-9a-f]+$/;

function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !isSpecialIPv4(address);
  // A zone names an interface of this host.
  if (isIP(address) !== 6 || address.includes('%')) return false;
  return isGlobalIPv6(address) && !isSpecialIPv6(address) && !ISATAP.test(eightGroups(address));
}

/** All eight groups of an IPv6 address, without leading zeros. */
function eightGroups(address: string): string {
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? '';
  const [head = '', tail] = canonical.split('::');
  if (tail === undefined) return head;
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const missing = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  return [...(before ?? []), ...Array<string>(missing).fill('0'), ...(after ?? [])].join(':');
}

const isPrivateAddress = (address: string): boolean =>
  isIPv4(address) ? isPrivateIPv4(address) : !address.includes('%') && isPrivateIPv6(address);

const asHost = (address: string): string => (isIPv4(address) ? address : `[${address}]`);

/** Whether a connection for `hostname` may go to `address`, to which it was resolved. */
function mayConnect(policy: EgressPolicy, hostname: string, address: string): boolean {
  if (isPublicAddress(address)) return true;
  if (!isTrusted(policy, hostname)) return false;
  if (isPrivateAddress(address) || isTrusted(policy, asHost(address))) return true;
  return isTrusted(policy, LOCALHOST) && (address === '::1' || (isIPv4(address) && isLoopbackIPv4(address)));
}

const isTrusted = (policy: EgressPolicy, host: string): boolean => policy.trustedHosts.includes(host);

const LOCALHOST = 'localhost';
const LOOPBACK: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Top-level names that mean something else in each network, and the registry's special-use names that do. */
const INSIDE_NAMES = new Set(
  'alt arpa corp home internal intranet lan local localdomain localhost onion private'.split(' '),
);
/** At least two labels; the last begins with a letter, so no spelling of an address is a name. */
const PUBLIC_NAME =
  /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Backslash is a slash to some parsers, and tabs and line breaks are dropped by them. */
const PLAIN = /^[!-[\]-~]+$/;
const SCHEME_AND_AUTHORITY = /^([a-z]+):\/\/([^/?#]*)/i;
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([1-9][0-9]{0,4}))?$/i;

/**
 * What is wrong with a webhook URL before any name is resolved; undefined when nothing is. A text that two parsers could
 * read differently is refused, even if it would lead to a public host.
 */
export function urlIssue(text: string, policy: EgressPolicy): string | undefined {
  if (!PLAIN.test(text)) return 'must be ASCII without spaces, control characters and backslashes';
  const [, scheme, authority] = SCHEME_AND_AUTHORITY.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return 'must begin with https:// and a host';
  if (!/^https?$/i.test(scheme)) return 'must be https';
  if (authority.includes('@')) return 'must not carry credentials';
  const [, host] = HOST_AND_PORT.exec(authority) ?? [];
  const url = URL.parse(text);
  if (host === undefined || !url) return 'must have a plain host, and a port only if it is from 1 to 65535';
  const { hostname } = url;
  if (!host.startsWith('[') && host.toLowerCase() !== hostname) return 'must spell its address the usual way';
  if (isTrusted(policy, hostname)) return undefined;
  if (url.protocol !== 'https:') return 'must be https';
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address)) return isPublicAddress(address) ? undefined : 'is inside a private network';
  if (!PUBLIC_NAME.test(hostname) || INSIDE_NAMES.has(hostname.slice(hostname.lastIndexOf('.') + 1)))
    return 'is not a public host name';
  return undefined;
}

type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Resolves a host for one connection: every address must be allowed, and the connection goes to one that was checked,
 * so a name that answers differently the next time gains nothing. Sockets do not call it for a host that is an address:
 * `urlIssue` has checked that one.
 */
export function checkedLookup(policy: EgressPolicy): LookupFunction {
  const resolve = sharingQuestions(policy.nameServers ? askServers(policy.nameServers) : askSystem);
  const addressesOf = async (hostname: string): Promise<readonly LookupAddress[]> => {
    if (hostname === LOCALHOST) return isTrusted(policy, LOCALHOST) ? LOOPBACK : refuse();
    const addresses = await resolve(hostname);
    if (addresses.length === 0) throw new NameUnresolved('the host has no address');
    return addresses.every(({ address }) => mayConnect(policy, hostname, address)) ? addresses : refuse();
  };
  return (hostname, options, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const wanted = familyOf(options.family);
        const fitting = addresses.filter(({ family }) => wanted === 0 || family === wanted);
        const [first] = fitting;
        if (!first)
          return callback(new NameUnresolved('the host has no address of the family asked for'), []);
        if (options.all) return callback(null, fitting);
        callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function refuse(): never {
  throw new EgressRefused('the host resolves to a private address');
}

const familyOf = (family: string | number | undefined): number =>
  typeof family === 'string' ? Number(family.replace('IPv', '')) : (family ?? 0);

/**
 * One question at a time for each name, whose answer all who wait for it share: the system answers on one of a few
 * threads of the process, and a name that takes seconds would otherwise hold them all.
 */
function sharingQuestions(resolve: Resolve): Resolve {
  const open = new Map<string, Promise<readonly LookupAddress[]>>();
  return (hostname) => {
    const known = open.get(hostname);
    if (known) return known;
    const asked = resolve(hostname).finally(() => open.delete(hostname));
    open.set(hostname, asked);
    return asked;
  };
}

const askSystem: Resolve = async (hostname) => {
  try {
    return await systemLookup(hostname, { all: true });
  } catch (error) {
    throw new NameUnresolved('the host name does not resolve', { cause: error });
  }
};

const NAME_SERVER_TIMEOUT_MS = 2_000;
const NAME_SERVER_TRIES = 2;

/** Both families at once; one that has no answer does not matter if the other has. */
function askServers(nameServers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: NAME_SERVER_TIMEOUT_MS, tries: NAME_SERVER_TRIES });
  resolver.setServers(nameServers);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0)
      return addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
    const failure = answers.find((answer) => answer.status === 'rejected');
    throw new NameUnresolved('the host name does not resolve', { cause: failure?.reason });
  };
}
