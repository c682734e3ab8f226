import type {
  AddressDeposit,
  DepositAddress,
  SimulatedDeposit,
} from '@openoms/contract/deposit-addresses.ts';
import type { Deposit } from '../chain/sends.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import type { DepositRow } from './deposit-store.ts';
import type { DepositAddressRow } from './store.ts';

export const toDepositAddress = (row: DepositAddressRow): DepositAddress => ({
  id: row.deposit_address_id,
  object: 'depositAddress',
  customerId: row.customer_id,
  status: row.status,
  transactionType: row.destination_asset === 'usd' ? 'cryptoToFiat' : 'cryptoToCrypto',
  source: {
    asset: row.asset,
    network: row.network,
    depositInstructions: { address: row.address, asset: row.asset, network: row.network },
  },
  destination: {
    asset: row.destination_asset,
    network: row.destination_network,
    wallet: targetOf(row),
  },
  ...(row.developer_fees && {
    developerFees: row.developer_fees.map(({ percentage, wallet }) => ({
      type: 'percentage' as const,
      rate: percentage,
      ...(wallet !== undefined && { wallet }),
    })),
  }),
  label: row.label,
  metadata: row.metadata,
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

/** Under the name that guides use; what is saved is named by its id. */
function targetOf(row: DepositAddressRow): DepositAddress['destination']['wallet'] {
  if (row.destination_wallet_id !== null) return { wallet: row.destination_wallet_id };
  if (row.destination_external_account_id !== null) {
    return { externalAccount: row.destination_external_account_id };
  }
  return { blockchainAddress: row.destination_address ?? '' };
}

export const toDeposit = (row: DepositRow): AddressDeposit => ({
  id: row.deposit_id,
  object: 'depositAddressDeposit',
  depositAddressId: row.deposit_address_id,
  customerId: row.customer_id,
  status: row.status,
  amount: formatMinor(row.amount, row.asset),
  ...(row.hold_reason !== null && {
    amountHeld: formatMinor(row.remaining, row.asset),
    holdReason: row.hold_reason,
  }),
  ...(row.transaction_id !== null && { transactionId: row.transaction_id }),
  asset: row.asset,
  network: row.network,
  address: row.address,
  fromAddress: row.from_address,
  txHash: row.tx_hash,
  logIndex: row.log_index,
  blockNumber: row.block_number.toString(),
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

/** One whose block may still go. */
export const toPendingDeposit = (deposit: Deposit, row: DepositAddressRow): AddressDeposit => ({
  id: deposit.depositId,
  object: 'depositAddressDeposit',
  depositAddressId: row.deposit_address_id,
  customerId: row.customer_id,
  status: 'pending',
  amount: formatMinor(deposit.amountMinor, deposit.asset),
  asset: deposit.asset,
  network: deposit.network,
  address: row.address,
  fromAddress: deposit.from,
  txHash: deposit.txHash,
  logIndex: deposit.logIndex,
  blockNumber: deposit.blockNumber.toString(),
  createdAt: toIsoSeconds(deposit.detectedAt),
  updatedAt: toIsoSeconds(deposit.detectedAt),
});

/** A transfer that was ordered of the sandbox's chain. */
export interface Simulation {
  readonly row: DepositAddressRow;
  readonly minor: bigint;
  readonly hash: string;
  readonly at: Date;
}

export const toSimulatedDeposit = ({ row, minor, hash, at }: Simulation): SimulatedDeposit => ({
  amount: { value: formatMinor(minor, row.asset), currency: row.asset.toUpperCase() },
  depositAddressId: row.deposit_address_id,
  network: 'POLYGON',
  status: 'submitted',
  submittedAt: toIsoSeconds(at),
  transactionHash: hash,
});
