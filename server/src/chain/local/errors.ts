/** The local chain cannot run or go on; the message is a sentence for the operator and says what to do. */
export class LocalChainError extends Error {
  override readonly name = 'LocalChainError';
}
