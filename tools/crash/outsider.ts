import { setTimeout as delay } from 'node:timers/promises';
import type { OpenOMS } from '@openoms/sdk';
import { DEPLOYER_FEES } from '../../server/src/chain/local/genesis.ts';
import { JsonRpc } from '../../server/src/chain/rpc.ts';
import { encodeTransfer } from '../../server/src/chain/token/calls.ts';
import { addressOf } from '../../server/src/chain/token/secp256k1.ts';
import { type SignedTransaction, signTransaction } from '../../server/src/chain/token/transaction.ts';
import { must } from '../../server/src/kernel/assert.ts';
import { newWallet, payIn } from './cash-in.ts';
import { amountOf, CASH_INS_PER_CUSTOMER, MAX_CENTS, netMinorOf, type Order } from './orders.ts';
import { until } from './until.ts';

/** A key of the campaign's own, of which the instance knows nothing. */
const KEY = Buffer.alloc(32, 'outsider');
const GAS_WEI = 10n ** 21n;
const TRANSFER_GAS = 120_000n;
const MIN_MINOR = 100_000;
const MAX_MINOR = 1_000_000;
const RPC_TIMEOUT_MS = 5_000;
const POLL_MS = 250;
const FUNDED_TIMEOUT_MS = 60_000;

/** A transfer of tokens from outside to a customer's wallet. */
export interface OutsideDeposit {
  readonly address: string;
  readonly amountMinor: bigint;
  readonly txHash: string;
}

/**
 * Somebody with tokens and a key of their own, who sends some to customers' wallets. Each transfer has a nonce of its
 * own, is signed once, and goes to the node again and again until it is mined.
 */
export class Outsider {
  readonly address = addressOf(KEY).toLowerCase();
  /** The cash-ins that gave it its tokens. */
  readonly funding: Order[] = [];
  readonly #rpc: JsonRpc;
  readonly #chainId: number;
  readonly #token: string;
  readonly #count: number;
  readonly #random: () => number;
  readonly #sent: Promise<OutsideDeposit>[] = [];
  #mined = 0;

  constructor(env: Readonly<Record<string, string>>, count: number, random: () => number) {
    this.#rpc = new JsonRpc({ url: must(env.OMS_RPC_URL, 'OMS_RPC_URL'), timeoutMs: RPC_TIMEOUT_MS });
    this.#chainId = Number(must(env.OMS_CHAIN_ID, 'OMS_CHAIN_ID'));
    this.#token = must(env.OMS_USDC_ADDRESS, 'OMS_USDC_ADDRESS');
    this.#count = count;
    this.#random = random;
  }

  /** Deposits under way. */
  get open(): number {
    return this.#sent.length - this.#mined;
  }

  /** Pays cash in to the outside address until it holds enough for all deposits; gas is a gift of the local chain. */
  async prepare(oms: OpenOMS): Promise<void> {
    const netMinor = netMinorOf(MAX_CENTS);
    const cashIns = Math.ceil((this.#count * MAX_MINOR) / Number(netMinor));
    for (let index = 0; index < cashIns; index++) {
      const wallet = await newWallet(oms, `payer-${Math.floor(index / CASH_INS_PER_CUSTOMER)}`);
      const to = { blockchainAddress: this.address };
      const cashInId = await payIn(oms, wallet, amountOf(MAX_CENTS), `funding-${index}`, to);
      this.funding.push({ cashInId, address: this.address, netMinor });
    }
    await this.#rpc.call('anvil_setBalance', [this.address, `0x${GAS_WEI.toString(16)}`]);
    const isPaid = async ({ cashInId }: Order) => (await oms.cashIns.get(cashInId)).status === 'completed';
    await until(
      'the outsider has its tokens',
      async () => (await Promise.all(this.funding.map(isPaid))).every(Boolean),
      FUNDED_TIMEOUT_MS,
    );
  }

  /** Sends until that share of all deposits is sent, to wallets that are there by now. */
  release(share: number, wallets: readonly { readonly address: string }[]): void {
    if (wallets.length === 0) return;
    const wanted = Math.ceil(this.#count * share);
    while (this.#sent.length < wanted) {
      const wallet = must(wallets[Math.floor(this.#random() * wallets.length)], 'a wallet');
      const amountMinor = BigInt(MIN_MINOR + Math.floor(this.#random() * (MAX_MINOR - MIN_MINOR)));
      const signed = signTransaction(KEY, {
        chainId: this.#chainId,
        nonce: this.#sent.length,
        gas: TRANSFER_GAS,
        ...DEPLOYER_FEES,
        to: this.#token,
        data: encodeTransfer(wallet.address, amountMinor),
      });
      const mined = this.#mine(signed).then(() => {
        this.#mined += 1;
        return { address: wallet.address, amountMinor, txHash: signed.hash };
      });
      mined.catch(() => undefined);
      this.#sent.push(mined);
    }
  }

  /** All that were sent, once each is mined. */
  mined(): Promise<OutsideDeposit[]> {
    return Promise.all(this.#sent);
  }

  close(): void {
    this.#rpc.close();
  }

  async #mine({ raw, hash }: SignedTransaction): Promise<void> {
    for (;;) {
      const receipt = await this.#rpc.call('eth_getTransactionReceipt', [hash]).catch(() => undefined);
      if (receipt) return;
      // Refused when it is in the pool already, or when its nonce is used, which the next look at the receipt tells.
      await this.#rpc.call('eth_sendRawTransaction', [raw]).catch(() => undefined);
      await delay(POLL_MS);
    }
  }
}
