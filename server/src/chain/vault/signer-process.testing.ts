import { ManualClock, systemClock } from '../../kernel/clock.ts';
import { keyEncryptionFromHex } from '../../kernel/key-encryption.ts';
import { silentLogger } from '../../kernel/log.ts';
import { startSigner } from './main.ts';

/** A signer process for tests: `node signer-process.testing.ts <JSON of TestSignerOptions>`, ended by its parent. */
export interface TestSignerOptions {
  readonly socketPath: string;
  readonly seedFile: string;
  readonly keyHex: string;
  readonly maxSendMinor: string;
  /** Default: no limit that a test meets. */
  readonly maxDailyMinor?: string;
  /** Where the signer's clock stands still; default: the system's clock. */
  readonly nowMs?: number;
  /** Default: true, as next to a local chain. */
  readonly signsWithPublicKeys?: boolean;
  readonly contract: string;
  readonly multicall: string;
}

const options = JSON.parse(process.argv[2] ?? '') as TestSignerOptions;
const { socketPath, seedFile, contract, multicall } = options;
process.on('disconnect', () => process.exit(0));
await startSigner({
  socketPath,
  seedFile,
  keyEncryption: keyEncryptionFromHex(options.keyHex),
  policy: {
    signsWithPublicKeys: options.signsWithPublicKeys ?? true,
    tokens: [
      {
        chainId: 137,
        contract,
        name: 'USD Coin',
        version: '2',
        multicall,
        maxSendMinor: BigInt(options.maxSendMinor),
        maxDailyMinor: BigInt(options.maxDailyMinor ?? 10n ** 20n),
        maxFeePerGas: 10n ** 13n,
        maxGas: 20_000_000n,
      },
    ],
  },
  clock: options.nowMs === undefined ? systemClock : new ManualClock(new Date(options.nowMs)),
  log: silentLogger,
});
process.send?.('ready');
