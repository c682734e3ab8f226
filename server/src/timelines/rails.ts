import { amountFact, fact, type Placed, placed, STEPS } from './entry.ts';
import { meaningOf } from './explanations.ts';
import type { CashInRow, CreditRow, EventRow, PayoutRow, PickupRow, TillRow } from './store.ts';

/** What happened at the till, and before it. */
export function cashRows(row: CashInRow, tills: readonly TillRow[]): Placed[] {
  const codeAt = placed({
    id: `${row.cash_in_id}.code`,
    kind: 'rail',
    at: row.created_at,
    step: STEPS.ordered,
    title: 'Code given for the till',
    facts: [
      fact('Code', row.code, 'code'),
      fact('Good until', row.code_expires_at.toISOString(), 'time'),
      amountFact('Announced', row.indicated, 'usd'),
      fact('Place', row.location_name),
    ],
  });
  const authorized = tills.map((till) =>
    placed({
      id: till.confirmation_id,
      kind: 'rail',
      at: till.created_at,
      step: STEPS.atTill,
      title: 'Till asked whether it may take the cash',
      facts: [
        amountFact('Authorized', till.authorized, 'usd'),
        fact('Confirmation', till.confirmation_id, 'code'),
      ],
    }),
  );
  if (row.deposited === null || row.deposited_at === null) return [codeAt, ...authorized];
  return [
    codeAt,
    ...authorized,
    placed({
      id: `${row.cash_in_id}.cash`,
      kind: 'rail',
      at: row.deposited_at,
      step: STEPS.started,
      title: 'Cash taken at the till',
      facts: [
        amountFact('Cash', row.deposited, 'usd'),
        fact('Network', row.provider),
        fact('Place', row.location_name),
      ],
    }),
  ];
}

export const creditRow = (row: CreditRow): Placed =>
  placed({
    id: row.credit_id,
    kind: 'rail',
    at: row.created_at,
    step: STEPS.arrived,
    title: 'Money came to the virtual account',
    facts: [
      amountFact('Amount', row.amount, 'usd'),
      fact('Rail', row.rail),
      fact('Reference', row.reference, 'code'),
    ],
  });

/** What a bank was asked, and said. */
export function payoutRows(row: PayoutRow): Placed[] {
  const common = { kind: 'rail', resourceId: row.external_account_id } as const;
  const code = row.return_code ?? row.reject_code;
  const isBack = row.status === 'returned' || (row.status === 'failed' && row.return_code !== null);
  const rows = [
    placed({
      ...common,
      id: `${row.payout_id}.ordered`,
      at: row.created_at,
      step: STEPS.railOrdered,
      title: 'Bank asked to pay',
      facts: [
        amountFact('Amount', row.amount, 'usd'),
        fact('Rail', row.rail),
        fact('External account', row.external_account_id, 'id'),
      ],
    }),
  ];
  if (row.submitted_at) {
    rows.push(
      placed({
        ...common,
        id: `${row.payout_id}.submitted`,
        at: row.submitted_at,
        step: STEPS.railAccepted,
        title: 'Bank accepted the payout',
        facts: [
          fact('Reference', row.reference, 'code'),
          fact('Effective', row.effective_at?.toISOString(), 'time'),
        ],
      }),
    );
  }
  if (row.settled_at) {
    rows.push(
      placed({
        ...common,
        id: `${row.payout_id}.settled`,
        at: row.settled_at,
        step: STEPS.railSettled,
        title: 'Bank settled the payout',
      }),
    );
  }
  if (row.status === 'returned' || row.status === 'failed') {
    rows.push(
      placed({
        ...common,
        id: `${row.payout_id}.${row.status}`,
        at: row.updated_at,
        step: row.status === 'returned' ? STEPS.returned : STEPS.railSettled,
        title: isBack ? 'Bank sent the payout back' : 'Bank refused the payout',
        outcome: 'failed',
        facts: [
          fact('Code', code, 'code'),
          fact('Meaning', code ? meaningOf(code) : undefined),
          fact('Reason', row.reason),
        ],
      }),
    );
  }
  return rows;
}

/** A bank's notification of change. */
export const correctionRow = (event: EventRow): Placed =>
  placed({
    id: `${event.event_id}.correction`,
    kind: 'rail',
    at: event.created_at,
    step: STEPS.corrected,
    title: 'Bank corrected the details of the account',
    resourceId: event.resource_id,
    facts: [fact('External account', event.resource_id, 'id')],
  });

const PICKUP_ENDS = {
  collected: { title: 'Cash collected', outcome: 'done' },
  expired: { title: 'Cash not collected in time', outcome: 'failed' },
  failed: { title: 'Cash network did not pay out', outcome: 'failed' },
} as const;

/** `readyAt`: when the code was given. */
export function pickupRows(row: PickupRow, readyAt: Date | undefined): Placed[] {
  const rows = [
    placed({
      id: `${row.pickup_id}.ordered`,
      kind: 'rail',
      at: row.created_at,
      step: STEPS.railOrdered,
      title: 'Cash network asked to pay out',
      facts: [amountFact('Amount', row.amount, 'usd'), fact('Place', row.location_id, 'code')],
    }),
  ];
  if (readyAt) {
    rows.push(
      placed({
        id: `${row.pickup_id}.ready`,
        kind: 'rail',
        at: readyAt,
        step: STEPS.railReady,
        title: 'Cash is ready',
        facts: [fact('Until', row.expires_at?.toISOString(), 'time')],
      }),
    );
  }
  if (row.status === 'requested' || row.status === 'ready') return rows;
  const end = PICKUP_ENDS[row.status];
  rows.push(
    placed({
      id: `${row.pickup_id}.${row.status}`,
      kind: 'rail',
      at: row.updated_at,
      step: STEPS.railSettled,
      ...end,
      facts: [fact('Code', row.failure_code, 'code'), fact('Reason', row.failure_reason)],
    }),
  );
  return rows;
}
