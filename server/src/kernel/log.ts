/** One event a line. Fields are an allow-list chosen at the call: ids, counts, durations; never bodies or identity data. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | Error>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
