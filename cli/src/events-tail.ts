import { readArguments } from './arguments.ts';
import { type Command, EXIT_OK, UsageError } from './command.ts';
import { CONNECTION_OPTIONS, CONNECTION_USAGE, connect, findConnection, withApi } from './connection.ts';
import { eventLine, outageLines } from './event-lines.ts';
import { FEED_OPTIONS, FEED_USAGE, readPatterns, readStart } from './feed-start.ts';
import { follow } from './follow.ts';

const USAGE = `Usage: openoms events tail [options]

Prints the project's events as they happen, one a line: when, what, of which resource, its number there, its id.

${FEED_USAGE}
  --json              print each event as the API answers it
${CONNECTION_USAGE}`;

const OPTIONS = { ...CONNECTION_OPTIONS, ...FEED_OPTIONS, json: { type: 'boolean' } } as const;

export const eventsTail: Command = {
  name: 'events tail',
  summary: 'print events as they happen',
  run: async (args, io) => {
    const { values, positionals } = readArguments(args, OPTIONS, USAGE);
    if (values.help) {
      io.out(USAGE);
      return EXIT_OK;
    }
    if (positionals.length > 0)
      throw new UsageError(`events tail takes no ${positionals.join(' ')}.\n\n${USAGE}`);
    const patterns = readPatterns(values.events);
    const connection = await findConnection(values, io);
    await withApi(connection, async () => {
      const client = connect(connection, { maxRetries: 0 });
      await follow({
        client,
        patterns,
        from: await readStart(values.since, client),
        isOnce: !!values.once,
        signal: io.signal,
        onReady: () => {
          if (!values.once) io.err(`Events of ${connection.baseUrl}:`);
        },
        onEvents: async (events) => {
          for (const event of events) io.out(values.json ? JSON.stringify(event) : eventLine(event));
        },
        ...outageLines(io, connection),
      });
    });
    return EXIT_OK;
  },
};
