import type { Hex } from './hex.ts';

/** Native USDC on Polygon PoS: Circle's FiatToken v2.2 behind its proxy. EIP-55 form. */
export const USDC_POLYGON: Hex = '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359';

/** What on Polygon is taken for USDC: the bridged USDC.e, and USDT. EIP-55 form. */
export const USDC_LOOKALIKES_POLYGON: readonly Hex[] = [
  '0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174',
  '0xc2132D05D31c914a87C6611C10748AEb04B58e8F',
];

/** Multicall3, at the same address on every chain that has it. EIP-55 form. */
export const MULTICALL3: Hex = '0xcA11bde05977b3631167028862bE2a173976CA11';
