import type { Transaction } from '@openoms/contract/transactions.ts';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { isZero } from '../../components/decimal.ts';
import type { Described } from '../../components/description-list.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';
import { OnChain } from '../payments/on-chain.tsx';
import { PaymentSides } from '../payments/payment-sides.tsx';
import { networkName } from '../payments/words.ts';

/** Both ends of a transaction, and what it costs between them. */
export function TransactionSides({ transaction }: { readonly transaction: Transaction }) {
  const { source, destination, rates } = transaction;
  return (
    <PaymentSides
      title="Amounts"
      from={{
        label: 'Taken',
        amount: source.amountGross,
        asset: source.asset,
        network: networkName(source.network),
        facts: sourceFacts(transaction),
      }}
      to={{
        label: 'Arrives',
        amount: destination.amountNet,
        asset: destination.asset,
        network: networkName(destination.network),
        facts: destinationFacts(transaction),
      }}
      fees={source.feesDeducted ?? destination.feesDeducted}
      rate={rates && rateOf(rates, source.asset, destination.asset)}
      isEstimate={false}
    />
  );
}

/** `1.0 usd per usdc`. */
export const rateOf = (
  { exchangeRate }: { readonly exchangeRate: string },
  from: string,
  to: string,
): ReactNode => (
  <>
    {exchangeRate}{' '}
    <span className="text-xs text-muted">
      {to} per {from}
    </span>
  </>
);

const fact = <Value,>(value: Value | null | undefined, show: (value: Value) => ReactNode): ReactNode =>
  value === null || value === undefined ? undefined : show(value);

function sourceFacts({ source, cashInId, virtualAccountId, depositAddressId }: Transaction): Described[] {
  return [
    ['Wallet', fact(source.walletId, (id) => <ResourceLink id={id} />)],
    ['Cash-in', fact(cashInId, (id) => <ResourceLink id={id} />)],
    ['Virtual account', fact(virtualAccountId, (id) => <ResourceLink id={id} />)],
    ['Deposit address', fact(depositAddressId, (id) => <ResourceLink id={id} />)],
    ['On chain', fact(source.txHash, (hash) => <OnChain kind="tx" value={hash} />)],
    ['After fees', <Amount key="net" amount={source.amountNet} asset={source.asset} />],
  ];
}

function destinationFacts(transaction: Transaction): Described[] {
  const { destination, senderCustomerId, customerId } = transaction;
  const { wallet, externalAccountId = wallet?.externalAccountId, bankDetails, owner } = destination;
  const fees = destination.feesDeducted?.total;
  return [
    ['Wallet', fact(wallet?.walletId, (id) => <ResourceLink id={id} />)],
    ['Address', fact(wallet?.blockchainAddress, (address) => <OnChain kind="address" value={address} />)],
    [
      'External account',
      fact(externalAccountId, (id) => (
        <ExternalAccountLink id={id} customerId={senderCustomerId ?? customerId} />
      )),
    ],
    ['Owner', owner?.name],
    ['Bank', bankDetails?.bankName],
    ['Account', fact(bankDetails?.accountNumber ?? bankDetails?.iban, monospaced)],
    ['Routing number', fact(bankDetails?.routingNumber ?? bankDetails?.swiftCode, monospaced)],
    ['Place', fact(destination.cash?.locationId, (id) => <Id id={id} />)],
    ['On chain', fact(destination.txHash, (hash) => <OnChain kind="tx" value={hash} />)],
    [
      'Before fees',
      fees === undefined || isZero(fees) ? undefined : (
        <Amount key="gross" amount={destination.amountGross} asset={destination.asset} />
      ),
    ],
  ];
}

const monospaced = (text: string) => <span className="font-mono text-xs">{text}</span>;

/** External accounts are shown with their customer. */
function ExternalAccountLink({
  id,
  customerId,
}: {
  readonly id: string;
  readonly customerId: string | undefined;
}) {
  const { id: projectId } = useProject();
  if (customerId === undefined) return <Id id={id} />;
  return (
    <Link to={`${paths.customer(projectId, customerId)}?tab=accounts`}>
      <Id id={id} canCopy={false} />
    </Link>
  );
}
