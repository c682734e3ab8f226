#!/usr/bin/env node
import { type CommandIo, EXIT_OK, EXIT_USAGE, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';

const USAGE = `Usage: openoms <command>

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`).join('\n')}

openoms <command> --help says more. Exit codes: 0 done, 1 done and the answer is no, 2 it could not be done.
`;

async function main(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === '-h') {
    io.out(USAGE);
    return args.length === 0 ? EXIT_USAGE : EXIT_OK;
  }
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  if (!command) throw new UsageError(`There is no command ${args.join(' ')}. openoms --help lists them.`);
  return command.run(args.slice(command.name.split(' ').length), io);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
// A reader that has enough, such as `head`, closes the pipe.
process.stdout.on('error', () => stopping.abort());

main(process.argv.slice(2), {
  env: process.env,
  isTerminal: process.stdout.isTTY === true,
  cwd: process.cwd(),
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  signal: stopping.signal,
}).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error instanceof UsageError ? error.message : error.stack}\n`);
    process.exitCode = EXIT_USAGE;
  },
);
