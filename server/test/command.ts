import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bareEnvironment } from '../../tools/crash/processes.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { KEY_HEX, type World } from './world.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the command line on the world's instance, as an operator would. */
export function runCommand(world: World, ...args: string[]): Promise<CommandResult> {
  const env = {
    ...bareEnvironment(),
    DATABASE_URL: world.databaseUrl,
    CHAIN_RPC_URL: world.chain.url,
    CHAIN_USDC_ADDRESS: USDC_POLYGON,
    OMS_KEY_ENCRYPTION_KEY: KEY_HEX,
    OMS_HOME: world.home,
    OMS_SIGNER_SOCKET: join(world.home, 'signer.sock'),
  };
  return promisify(execFile)(process.execPath, [CLI, ...args], { env }).then(
    (done) => ({ code: 0, ...done }),
    ({ code, stdout, stderr }: CommandResult) => ({ code, stdout, stderr }),
  );
}
