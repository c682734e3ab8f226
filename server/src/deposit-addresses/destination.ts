import type { EndorsementName } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import type { Target } from '../http/request-fields.ts';
import { ApiError, notFound, validationError } from '../kernel/errors.ts';
import type { PayableAccount } from '../quotes/service.ts';
import type { DepositAddressesDeps } from './deps.ts';
import type { DestinationOrder } from './request.ts';
import { type DestinationFields, isDepositAddress } from './store.ts';

/** `basic` for all transactions, `cryptoCustody` for the address, `usd` for what ends in dollars (contract E4). */
export const neededFor = (asset: DestinationFields['destination_asset']): readonly EndorsementName[] =>
  asset === 'usd' ? ['basic', 'cryptoCustody', 'usd'] : ['basic', 'cryptoCustody'];

const NOWHERE = {
  destination_wallet_id: null,
  destination_address: null,
  destination_external_account_id: null,
};

/**
 * A destination that exists and can be paid to. Throws 404, 400 for an account that cannot be paid or a deposit address,
 * 422 `unsupported_asset_network`.
 */
export async function checkDestination(
  deps: Pick<DepositAddressesDeps, 'wallets' | 'externalAccounts'>,
  tx: Tx,
  customerId: string,
  order: DestinationOrder,
): Promise<DestinationFields> {
  const { target } = order;
  const onChain = { ...NOWHERE, destination_asset: 'usdc', destination_network: 'polygon' } as const;
  if (target.kind === 'wallet') {
    const [wallet] = await deps.wallets.findAll(tx, [target.walletId]);
    if (!wallet) throw notFound('wallet');
    return { ...onChain, destination_wallet_id: wallet.wallet_id };
  }
  if (target.kind === 'address') {
    await requireNoDepositAddress(tx, target.address, target);
    return { ...onChain, destination_address: target.address };
  }
  const [account] = await deps.externalAccounts.findAll(tx, [target.externalAccountId]);
  if (account?.customer_id !== customerId || account.status === 'deleted') {
    throw notFound('external account');
  }
  if (account.status !== 'verified') {
    throw validationError([{ field: target.field, issue: `is ${account.status}` }]);
  }
  if (account.address !== null) await requireNoDepositAddress(tx, account.address, target);
  return accountDestination(order, account);
}

/** Two that point at each other would send the same money round for ever. */
async function requireNoDepositAddress(tx: Tx, address: string, { field }: Target): Promise<void> {
  if (!(await isDepositAddress(tx, address))) return;
  throw validationError([{ field, issue: 'is a deposit address' }]);
}

const BANK_RAILS = ['ach', 'wire', 'swift'] as const;

function accountDestination(order: DestinationOrder, account: PayableAccount): DestinationFields {
  const external = { ...NOWHERE, destination_external_account_id: account.external_account_id };
  const isAddress = account.address !== null;
  if (isAddress !== (order.asset === 'usdc')) {
    throw notPayable(isAddress ? 'takes usdc on polygon' : 'takes usd');
  }
  if (isAddress) {
    return {
      ...external,
      destination_asset: 'usdc',
      destination_network: 'polygon',
      destination_address: account.address,
    };
  }
  const rail = BANK_RAILS.find((each) => each === account.network);
  if (!rail) throw notPayable(`is not paid to over ${account.network}`);
  if (order.network !== 'usBank' && order.network !== rail) throw notPayable(`is registered for ${rail}`);
  return { ...external, destination_asset: 'usd', destination_network: rail };
}

const notPayable = (why: string): ApiError =>
  new ApiError(422, 'unsupported_asset_network', 'The external account cannot be paid like this.', {
    details: [{ field: 'destination.network', issue: `the account ${why}` }],
  });
