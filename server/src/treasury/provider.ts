/** Where play money comes from: a sandbox's treasury is filled by an ordinary transfer, as in production. */
export interface Faucet {
  /** Brings the address up to at least `minor` units; repeatable. */
  topUp(address: string, minor: bigint): Promise<void>;
}
