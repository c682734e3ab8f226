/** What a command may touch besides its arguments. Tests give their own. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether `out` goes to a terminal, which shows colours. */
  readonly isTerminal?: boolean;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** What was asked for: one line, or a whole report. */
  out(line: string): void;
  /** What is said about it: progress, warnings, errors. */
  err(line: string): void;
  /** Aborted by Ctrl-C or TERM: a command that runs on ends then, in good order. */
  readonly signal: AbortSignal;
}

/** One command of `openoms`: `run` gets what follows its name and answers the exit code. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** Everything went well, or what was examined passed. */
export const EXIT_OK = 0;
/** It ran, and the answer is no. */
export const EXIT_FAILED = 1;
/** It could not be done: wrong arguments, nobody answers. */
export const EXIT_USAGE = 2;

/** The arguments are wrong, or something outside is missing; shown as one sentence, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
