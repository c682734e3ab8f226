/** Whoever sends play money to an address as a stranger would. */
export interface TestTransfers {
  /** Sends exactly `minor` units. Repeatable: a reference is paid once. */
  transferOnce(address: string, minor: bigint, reference: string): Promise<void>;
}
