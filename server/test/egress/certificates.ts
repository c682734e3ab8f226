import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** As `tls.createServer` takes them. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

interface Subject {
  readonly dnsNames?: readonly string[];
  readonly ipv4Addresses?: readonly string[];
  /** Default: a day ago to in a day. */
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);
export const EXPIRED = { validFrom: inDays(-30), validTo: inDays(-2) };

const OID = {
  commonName: [2, 5, 4, 3],
  ecdsaWithSha256: [1, 2, 840, 10_045, 4, 3, 2],
  basicConstraints: [2, 5, 29, 19],
  subjectAltName: [2, 5, 29, 17],
};

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.byteLength;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...contents: Buffer[]): Buffer => tlv(0x30, ...contents);
const octets = (content: Buffer): Buffer => tlv(0x04, content);
const bits = (content: Buffer): Buffer => tlv(0x03, Buffer.from([0]), content);
const text = (content: string): Buffer => tlv(0x0c, Buffer.from(content));
const TRUE = tlv(0x01, Buffer.from([0xff]));
const VERSION_3 = tlv(0xa0, tlv(0x02, Buffer.from([2])));

function objectId([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  const encoded = rest.flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift(0x80 | (left & 0x7f));
    return digits;
  });
  return tlv(0x06, Buffer.from([first * 40 + second, ...encoded]));
}

/** UTCTime, which ends in 2049. */
const time = (at: Date): Buffer =>
  tlv(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));

const nameOf = (commonName: string): Buffer =>
  sequence(tlv(0x31, sequence(objectId(OID.commonName), text(commonName))));

const ALGORITHM = sequence(objectId(OID.ecdsaWithSha256));

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

/** X.509 version 3 (RFC 5280) on P-256. */
function certify(
  subjectName: string,
  publicKey: KeyObject,
  issuer: Issuer,
  { dnsNames = [], ipv4Addresses = [], validFrom = inDays(-1), validTo = inDays(1) }: Subject,
  isAuthority: boolean,
): string {
  const names = [
    ...dnsNames.map((name) => tlv(0x82, Buffer.from(name))),
    ...ipv4Addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const extensions = [
    sequence(objectId(OID.basicConstraints), TRUE, octets(isAuthority ? sequence(TRUE) : sequence())),
    ...(names.length > 0 ? [sequence(objectId(OID.subjectAltName), octets(sequence(...names)))] : []),
  ];
  const toBeSigned = sequence(
    VERSION_3,
    tlv(0x02, Buffer.from([1]), randomBytes(8)),
    ALGORITHM,
    nameOf(issuer.name),
    sequence(time(validFrom), time(validTo)),
    nameOf(subjectName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const certificate = sequence(toBeSigned, ALGORITHM, bits(sign('sha256', toBeSigned, issuer.key)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const AUTHORITY: Issuer = { name: 'OpenOMS tests', key: keyPair().privateKey };

/** An authority that nobody trusts. */
export const STRANGER: Issuer = { name: 'nobody', key: keyPair().privateKey };

/** Signed by the tests' authority, if no other is named. */
export function issuedFor(subject: Subject, issuer = AUTHORITY): KeyAndCertificate {
  const { privateKey, publicKey } = keyPair();
  return { key: pem(privateKey), cert: certify('receiver', publicKey, issuer, subject, false) };
}

export function selfSigned(subject: Subject): KeyAndCertificate {
  const { privateKey, publicKey } = keyPair();
  const cert = certify('receiver', publicKey, { name: 'receiver', key: privateKey }, subject, false);
  return { key: pem(privateKey), cert };
}

/** Has this process trust the tests' authority beside those it trusts already, from its next connection on. */
export function trustTestAuthority(): void {
  const publicKey = createPublicKey(AUTHORITY.key);
  const authority = certify(AUTHORITY.name, publicKey, AUTHORITY, {}, true);
  setDefaultCACertificates([...getCACertificates('default'), authority]);
}
