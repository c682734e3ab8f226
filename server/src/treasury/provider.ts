/** Where play money comes from: a sandbox's treasury is filled by an ordinary transfer, as in production. */
export interface Faucet {
  /** Brings the address up to at least `minor` units; repeatable. The hash of the transfer; undefined: none is needed. */
  topUp(address: string, minor: bigint): Promise<string | undefined>;
}
