const NO_FEE = { percentage: '0', fixed: '0.00' };
const NO_FEES = {
  cashIn: NO_FEE,
  cryptoToCrypto: NO_FEE,
  ach: NO_FEE,
  wire: NO_FEE,
  swift: NO_FEE,
  cashOut: NO_FEE,
  virtualAccount: NO_FEE,
  depositAddress: NO_FEE,
};

/** Those of a project that changed nothing. The documents name the fee of a cash-in; no other schedule is published. */
export const DEFAULT_SETTINGS = {
  object: 'settings',
  fees: { ...NO_FEES, cashIn: { percentage: '0.015', fixed: '0.50' } },
  developerFees: NO_FEES,
  gasFee: '0.00',
  limits: {
    cryptoToCrypto: { min: '0.01', max: '1000000.00' },
    cryptoToFiat: { min: '0.01', max: '1000000.00' },
    cashOut: { min: '20.00', max: '500.00', step: '20.00' },
    virtualAccount: { min: '1.00', max: '1000000.00' },
    depositAddress: { min: '1.00', max: '1000000.00' },
  },
  quoteLifetimeSeconds: 300,
  pace: 'auto',
} as const;
