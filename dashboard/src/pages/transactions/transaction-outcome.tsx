import type { CashPickup, Transaction } from '@openoms/contract/transactions.ts';
import { Amount } from '../../components/amount.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { OnChain } from '../payments/on-chain.tsx';

/** What came of a failure beside the status: the error, what a bank sent back, what is given back. */
export function TransactionOutcome({ transaction }: { readonly transaction: Transaction }) {
  const { error, return: returned, refund, source, destination } = transaction;
  if (error === undefined && returned === undefined && refund === undefined) return null;
  return (
    <Panel title="Outcome">
      <DescriptionList
        items={[
          ['Error', error && <span className="font-mono text-xs">{error.code}</span>],
          ['Message', error?.message],
          ['Again', error?.recoverable === undefined ? undefined : againWords(error.recoverable)],
          ['Bank’s code', returned && <Badge tone="failed">{returned.code}</Badge>],
          ['Bank’s reason', returned?.reason],
          ['Came back', returned && <Amount amount={returned.amount} asset={destination.asset} />],
          ['Returned', returned && <Time at={returned.returnedAt} show="absolute" />],
          ['Refund', refund && <Amount amount={refund.amount} asset={source.asset} />],
          ['Refund is', refund && <Status status={refund.status} />],
          ['On chain', refund?.txHash ? <OnChain key="hash" kind="tx" value={refund.txHash} /> : undefined],
        ]}
      />
    </Panel>
  );
}

const againWords = (isRecoverable: boolean): string =>
  isRecoverable ? 'The same payment may succeed' : 'The same payment would fail again';

/** How the customer collects cash. */
export function Pickup({ pickup, isReady }: { readonly pickup: CashPickup; readonly isReady: boolean }) {
  const { location } = pickup;
  return (
    <Panel title="Cash to collect">
      <DescriptionList
        columns={2}
        items={[
          ['Amount', <Amount key="amount" amount={pickup.amount} asset={pickup.asset} />],
          [
            'Code',
            <span key="code" className="inline-flex items-center gap-0.5 font-mono text-xs">
              {pickup.cashCode}
              <CopyButton text={pickup.cashCode} label="Copy code" />
            </span>,
          ],
          [
            isReady ? 'Good until' : 'Was good until',
            <Time key="until" at={pickup.expiresAt} show="absolute" />,
          ],
          ['Place', location.name],
          ['Address', `${location.address}, ${location.city}, ${location.state} ${location.zipCode}`],
          ['Instructions', pickup.instructions],
        ]}
      />
    </Panel>
  );
}
