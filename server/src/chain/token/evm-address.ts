import { getAddress, isAddress } from 'viem/utils';

const HEX_FORM = /^0x[0-9a-fA-F]{40}$/;
const ZERO_ADDRESS = /^0x0{40}$/;

/** An address in EIP-55 form, or what is wrong with the text. */
export type AddressReading =
  | { readonly address: string; readonly issue?: never }
  | { readonly issue: string; readonly address?: never };

/** Reads an address to pay to. Mixed case carries an EIP-55 checksum, which must be right; one case carries none. */
export function readEvmAddress(text: string): AddressReading {
  if (!HEX_FORM.test(text)) return { issue: 'is not an address' };
  if (ZERO_ADDRESS.test(text)) return { issue: 'is the zero address' };
  const digits = text.slice(2);
  const hasOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  if (!hasOneCase && !isAddress(text)) return { issue: 'has a wrong EIP-55 checksum' };
  return { address: getAddress(text.toLowerCase()) };
}
