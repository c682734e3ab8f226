import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { type Command, EXIT_FAILED, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { parseSeed, SeedError } from './seed/document.ts';
import { plant } from './seed/plant.ts';

const USAGE = `Usage: openoms sandbox seed FILE

Makes in a sandbox project what a seed file (YAML) says: customers, wallets with balances, accounts, webhooks, settings and
the time. docs/sandbox.md says how one is written. Done again, it makes nothing twice; one that begins with a seed empties
the project first, and makes what has the same ids each time.

  --json              print all that was made, as the API answers it
${CONNECTION_USAGE}`;

const OPTIONS = { ...CONNECTION_OPTIONS, json: { type: 'boolean' } } as const;

export const sandboxSeed: Command = {
  name: 'sandbox seed',
  summary: 'make the customers, wallets and accounts of a seed file',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    const [fileName, ...rest] = positionals;
    if (fileName === undefined || rest.length > 0) throw new UsageError(`Name one file.\n\n${USAGE}`);
    const text = await readFile(resolve(io.cwd, fileName), 'utf8').catch((error: Error) => {
      throw new UsageError(`${fileName} cannot be read: ${error.message}`);
    });
    const connection = await findConnection(values, io);
    const onMade = (place: string, id: string): void => {
      if (!values.json) io.out(`${place}  ${id}`);
    };
    try {
      const client = connect(connection);
      const world = await withApi(connection, () =>
        plant({ client, document: parseSeed(text, fileName), onMade }),
      );
      if (values.json) io.out(JSON.stringify(world));
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof SeedError)) throw error;
      io.err(error.message);
      return EXIT_FAILED;
    }
  },
};
