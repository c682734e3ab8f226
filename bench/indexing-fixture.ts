import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { DEPLOYER_FEES, DEPLOYER_KEY } from '../server/src/chain/local/genesis.ts';
import type { NetworkConfig } from '../server/src/chain/networks.ts';
import type { JsonRpc } from '../server/src/chain/rpc.ts';
import { MULTICALL3 } from '../server/src/chain/token/contracts.ts';
import { addressWord, bytes32Word, uintWord } from '../server/src/chain/token/hex.ts';
import { TOPICS } from '../server/src/chain/token/logs.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { signTransaction } from '../server/src/chain/token/transaction.ts';

const CHAIN_ID = 137;
const CUSTOMER = 'cst_bench';

/**
 * Stands for the token: writes a log of three topics and one word for each four words of its call data. What the indexer
 * reads is logs; making them costs the chain a tenth of a real transfer, so that the chain is not what is measured.
 */
const LOG_TOKEN = `0x${'70'.repeat(20)}`;
const LOG_TOKEN_CODE =
  '0x60005b3681101560295780606001356000528060400135816020013582356020600' + '0a36080016002565b00';
const TRANSFERS_PER_TRANSACTION = 250;
const GAS_PER_TRANSACTION = 4_000_000n;
/** One transfer in so many is by an authorization, of somebody who is not us. */
const AUTHORIZED_EVERY = 4;

export const networkAt = (rpcUrl: string): NetworkConfig => ({
  name: 'polygon',
  chainId: CHAIN_ID,
  rpcUrl,
  tokenAddress: LOG_TOKEN,
  tokenName: 'USD Coin',
  tokenVersion: '2',
  multicallAddress: MULTICALL3,
  otherTokens: [],
  startBlock: 0,
});

export const installLogToken = (node: JsonRpc): Promise<unknown> =>
  node.call('anvil_setCode', [LOG_TOKEN, LOG_TOKEN_CODE]);

/** The n-th watched address of a project. */
const watchedAddress = (projectId: string, n: number): string =>
  `0x${createHash('sha256').update(`${projectId}/${n}`).digest('hex').slice(0, 40)}`;

/** Makes a project with so many wallets, all watched, their addresses taken from the pool. */
export async function fillProject(url: string, projectId: string, wallets: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const address = `'0x' || substr(encode(sha256(($1 || '/' || n)::bytea), 'hex'), 1, 40)`;
  const wallet = `'wlt_' || lpad(n::text, 26, '0')`;
  const numbers = 'from generate_series(0, $2 - 1) n';
  try {
    await client.query(
      `insert into projects (project_id, name, mode, created_at) values ($1, 'Indexing', 'sandbox', now())`,
      [projectId],
    );
    await client.query(
      `insert into customers (project_id, customer_id, type, status, metadata, missing_identity, created_at, updated_at)
       values ($1, '${CUSTOMER}', 'individual', 'active', '{}', '{}', now(), now())`,
      [projectId],
    );
    for (const insert of [
      `address_pool (key_index, address, taken_at)
       select n + (select coalesce(max(key_index) + 1, 0) from address_pool), ${address}, now() ${numbers}`,
      `watched_addresses (project_id, network, address, purpose, resource_id, created_at)
       select $1, 'polygon', ${address}, 'wallet', ${wallet}, now() ${numbers}`,
      `wallets (project_id, wallet_id, customer_id, asset, chain, address, key_index, status, created_at, updated_at)
       select $1, ${wallet}, '${CUSTOMER}', 'usdc', 'polygon', ${address}, n, 'active', now(), now() ${numbers}`,
    ]) {
      await client.query(`insert into ${insert}`, [projectId, wallets]);
    }
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** What one block has, and who it is to concern. */
export interface BlockPlan {
  readonly transfers: number;
  /** How many of the transfers are to wallets of each project. */
  readonly hits: number;
  /** Wallets by project. */
  readonly watched: Readonly<Record<string, number>>;
}

/** Submits the transactions of one block. */
export async function submitBlock(node: JsonRpc, nonce: number, plan: BlockPlan): Promise<number> {
  const recipients = Object.entries(plan.watched).flatMap(([projectId, count]) =>
    Array.from({ length: plan.hits }, () => watchedAddress(projectId, Math.floor(Math.random() * count))),
  );
  const strangers = Array.from({ length: plan.transfers - recipients.length }, randomAddress);
  const records = [...recipients, ...strangers].map((to, i) => {
    const transfer = `${TOPICS.transfer.slice(2)}${addressWord(randomAddress())}${addressWord(to)}${uintWord(1n)}`;
    return i % AUTHORIZED_EVERY === 0 ? authorization() + transfer : transfer;
  });
  let next = nonce;
  for (let from = 0; from < records.length; from += TRANSFERS_PER_TRANSACTION) {
    const data = `0x${records.slice(from, from + TRANSFERS_PER_TRANSACTION).join('')}`;
    const { raw } = signTransaction(DEPLOYER_KEY, {
      chainId: CHAIN_ID,
      nonce: next++,
      gas: GAS_PER_TRANSACTION,
      ...DEPLOYER_FEES,
      to: LOG_TOKEN,
      data,
    });
    await node.call('eth_sendRawTransaction', [raw]);
  }
  return next;
}

export const firstNonce = async (node: JsonRpc): Promise<number> =>
  Number(await node.call<string>('eth_getTransactionCount', [addressOf(DEPLOYER_KEY), 'pending']));

const randomAddress = (): string => `0x${randomBytes(20).toString('hex')}`;

const authorization = (): string =>
  [
    TOPICS.authorizationUsed.slice(2),
    addressWord(randomAddress()),
    bytes32Word(`0x${randomBytes(32).toString('hex')}`),
    uintWord(0n),
  ].join('');
