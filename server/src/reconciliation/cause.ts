import type { OpenItems } from './store.ts';

/**
 * Why an address may hold something else than the ledger says:
 * in_flight: open deposits or sends of the address, which the chain may have executed already, are the difference;
 * unbooked_transfer: it holds more, and nothing is open: tokens came, or stayed, that no posting knows;
 * missing_on_chain: it holds less, and nothing is open: tokens went, or never came, that the ledger counts;
 * unknown: items are open and are not the difference.
 */
export type BreakCause = 'in_flight' | 'unbooked_transfer' | 'missing_on_chain' | 'unknown';

/** `differenceMinor` is chain less ledger, not zero. */
export function causeOf(differenceMinor: bigint, open: OpenItems | undefined): BreakCause {
  if (!open) return differenceMinor > 0n ? 'unbooked_transfer' : 'missing_on_chain';
  const { deposits_minor, sends_minor } = open;
  const explained = [deposits_minor, sends_minor, deposits_minor + sends_minor].includes(differenceMinor);
  return explained ? 'in_flight' : 'unknown';
}
