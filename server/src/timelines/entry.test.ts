import { describe, expect, it } from 'vitest';
import { inOrder, type Placed, placed, STEPS } from './entry.ts';

const START_MS = Date.UTC(2026, 0, 1);

const row = (kind: Placed['entry']['kind'], title: string, ms: number, step: number): Placed =>
  placed({ id: title, kind, title, step, at: new Date(START_MS + ms) });

const told = (rows: readonly Placed[]): string[] =>
  inOrder(rows).map(({ title, at }) => `${title} ${new Date(at).getTime() - START_MS}`);

describe('the rows of a timeline', () => {
  it('are in the order of their times, and of one instant in that of cause and effect', () => {
    const rows = [
      row('event', 'told', 5, STEPS.started),
      row('state', 'processing', 5, STEPS.started),
      row('ledger', 'booked', 5, STEPS.started),
      row('quote', 'priced', 5, STEPS.started),
      row('request', 'asked', 1, STEPS.ordered),
    ];
    expect(told(rows)).toEqual(['asked 1', 'priced 5', 'booked 5', 'processing 5', 'told 5']);
  });

  it('tell first what is booked, though its commit dated the booking first', () => {
    const rows = [
      row('ledger', 'booked', 568, STEPS.started),
      row('quote', 'priced', 578, STEPS.started),
      row('rail', 'cash', 578, STEPS.started),
      row('state', 'processing', 578, STEPS.started),
      row('rail', 'settled', 600, STEPS.railSettled),
      row('rail', 'much later', 9_000, STEPS.started),
    ];
    expect(told(rows)).toEqual([
      'priced 568',
      'cash 568',
      'booked 568',
      'processing 578',
      'settled 600',
      'much later 9000',
    ]);
  });
});
