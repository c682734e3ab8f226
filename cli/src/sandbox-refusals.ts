import { type CommandIo, EXIT_FAILED, UsageError } from './command.ts';
import { isRefusal } from './connection.ts';

/** Says why the API refuses, which is an answer; `absent` is what a 404 means. Other errors are somebody else's. */
export async function tellRefusal(
  io: CommandIo,
  absent: string,
  run: () => Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.status === 404) throw new UsageError(absent);
    io.err([error.message, ...error.details.map(({ field, issue }) => `${field} ${issue}`)].join(' '));
    return EXIT_FAILED;
  }
}
