/* Loaded before the server: its local chain then finds no anvil, or the program that FAKE_ANVIL names. */
import Module from 'node:module';

type Resolve = (request: string, ...rest: unknown[]) => string;
const resolver = Module as unknown as { _resolveFilename: Resolve };
const resolve = resolver._resolveFilename;
resolver._resolveFilename = (request, ...rest) => {
  if (!request.startsWith('@foundry-rs/anvil-')) return resolve(request, ...rest);
  const { FAKE_ANVIL } = process.env;
  if (FAKE_ANVIL) return FAKE_ANVIL;
  throw new Error(`Cannot find module ${request}`);
};
