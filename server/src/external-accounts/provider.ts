import type { Tx } from '../db/database.ts';

/** The port to whoever says whether an account may be paid to. */
export interface AccountVerifier {
  /** By its number: an account number, an IBAN, a card number or an address in EIP-55 form. Never stored or logged. */
  verify(tx: Tx, number: string): Promise<'verified' | 'declined'>;
}
