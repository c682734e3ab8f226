import { type LoggerOptions, pino } from 'pino';
import type { Logger } from './kernel/log.ts';

/** Causes of a cause are shown this deep. */
const MAX_CAUSES = 5;

/** One JSON line an event, on standard output or where told. */
export const createLogger = (process: string, destination?: { write(line: string): void }): Logger => {
  const options: LoggerOptions = {
    base: { process },
    formatters: { level: (level) => ({ level }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: (error: unknown) => describe(error, 1) },
  };
  return destination ? pino(options, destination) : pino(options);
};

/** What is shown of an error: never its extra fields, where a database puts the values of a row. */
function describe(error: unknown, depth: number): object | undefined {
  if (!(error instanceof Error)) return undefined;
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && { code: String(error.code) }),
    stack: error.stack,
    ...(depth < MAX_CAUSES && error.cause !== undefined && { cause: describe(error.cause, depth + 1) }),
  };
}
