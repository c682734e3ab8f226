/** `perSecond`: from the first submission until the last is final. `steadyPerSecond`: over the blocks that have them. */
export interface Rates {
  readonly perSecond: number;
  readonly steadyPerSecond: number;
  readonly gasPerSend: number;
}

/** What prepares accounts on the chain. */
export interface SetUp {
  fund(addresses: readonly string[], wei: bigint): Promise<void>;
  mint(addresses: readonly string[], minor: bigint): Promise<void>;
}
