import { amountFact, fact, type Placed, placed, STEPS } from './entry.ts';
import { FAILURES } from './explanations.ts';
import type { ArrivalRow, RelayRow, SendRow } from './store.ts';

interface SendSteps {
  readonly name: string;
  readonly queued: number;
  readonly relayed: number;
  readonly final: number;
}

const PRINCIPAL: SendSteps = {
  name: 'Tokens',
  queued: STEPS.sendQueued,
  relayed: STEPS.sendRelayed,
  final: STEPS.sendFinal,
};
const FEE: SendSteps = {
  name: 'Fees',
  queued: STEPS.feeQueued,
  relayed: STEPS.feeRelayed,
  final: STEPS.feeFinal,
};
const REFUND: SendSteps = {
  name: 'Refund',
  queued: STEPS.refundQueued,
  relayed: STEPS.refundRelayed,
  final: STEPS.refundFinal,
};
const BY_PURPOSE: Readonly<Record<string, SendSteps>> = {
  'transaction-fee': FEE,
  'transaction-refund': REFUND,
};

/** The group of transfers that a send begins with, and the one that its end leads to. */
const GROUPS: Readonly<Record<string, readonly [begins: readonly string[], ends: readonly string[]]>> = {
  'cash-in': [['deposited'], ['delivered', 'failed']],
  transaction: [['started'], ['pulled', 'delivered', 'failed']],
  'transaction-fee': [['delivered'], ['fees']],
  'transaction-refund': [['returned', 'reversed'], ['refunded']],
};

/** When a group of this payment was applied, by the last part of its name. */
export type BookedAt = (name: string) => Date | undefined;

/**
 * The chain goes by real time. In a project with a time of its own what is seen there is shown at the time at which it
 * was booked, and until then at that at which it was asked for.
 */
export function sendRows(
  send: SendRow,
  relay: RelayRow | undefined,
  { hasOwnTime, bookedAt }: { readonly hasOwnTime: boolean; readonly bookedAt: BookedAt },
): Placed[] {
  const steps = BY_PURPOSE[send.purpose] ?? PRINCIPAL;
  const [begins, ends] = GROUPS[send.purpose] ?? [[], []];
  const begun = begins.map(bookedAt).find((at) => at !== undefined);
  const booked = ends.map(bookedAt).find((at) => at !== undefined);
  const timeOf = (real: Date, ownTime: Date | undefined): Date => (hasOwnTime && ownTime ? ownTime : real);
  const queuedAt = timeOf(send.created_at, begun);
  const rows = [
    placed({
      id: `${send.send_id}.queued`,
      kind: 'chain',
      at: queuedAt,
      step: steps.queued,
      title: `${steps.name} to be sent`,
      facts: [
        amountFact('Amount', send.amount, send.asset),
        fact('From', send.from_address, 'address'),
        fact('To', send.to_address, 'address'),
      ],
    }),
  ];
  if (relay) {
    const hash = relay.status === 'final' ? send.tx_hash : relay.hash;
    rows.push(
      placed({
        id: `${send.send_id}.relayed`,
        kind: 'chain',
        at: hasOwnTime ? queuedAt : (relay.sent_at ?? relay.made_at),
        step: steps.relayed,
        title: relay.sent_at ? 'Authorization signed and relayed' : 'Authorization signed',
        outcome: relay.status === 'superseded' ? 'failed' : 'done',
        facts: [
          fact('Transaction', hash ?? relay.hash, 'txHash'),
          fact('Authorization', send.authorization_nonce, 'code'),
          fact('Number of authorization', String(send.attempt)),
          fact('Nonce of the relayer', String(relay.nonce)),
          fact('Relayed at', (relay.sent_at ?? relay.made_at).toISOString(), 'time'),
        ],
      }),
    );
  }
  rows.push(...endOf(send, relay, steps, timeOf(send.settled_at ?? send.created_at, booked)));
  return rows;
}

function endOf(send: SendRow, relay: RelayRow | undefined, { name, final }: SendSteps, at: Date): Placed[] {
  const common = { id: `${send.send_id}.ended`, kind: 'chain', at, step: final } as const;
  if (send.status === 'paid') {
    return [
      placed({
        ...common,
        title: `${name} final on chain`,
        facts: [
          fact('Transaction', send.tx_hash, 'txHash'),
          fact('Block', send.block_number === null ? null : String(send.block_number)),
          fact('Hash of the block', relay?.block_hash, 'code'),
          fact('Seen at', send.settled_at?.toISOString(), 'time'),
        ],
      }),
    ];
  }
  if (send.status !== 'failed') return [];
  return [
    placed({
      ...common,
      title: `${name} can never be sent`,
      outcome: 'failed',
      facts: [
        fact('Code', send.failure_code, 'code'),
        fact('Meaning', FAILURES[send.failure_code ?? '']?.meaning),
      ],
    }),
  ];
}

export const arrivalRow = (row: ArrivalRow): Placed =>
  placed({
    id: row.deposit_id,
    kind: 'chain',
    at: row.created_at,
    step: STEPS.arrived,
    title: 'Tokens came to the deposit address',
    facts: [
      amountFact('Amount', row.amount, row.asset),
      fact('From', row.from_address, 'address'),
      fact('Transaction', row.tx_hash, 'txHash'),
      fact('Block', String(row.block_number)),
    ],
  });
