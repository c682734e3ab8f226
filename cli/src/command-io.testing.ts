import type { Command, CommandIo } from './command.ts';

export interface Run {
  readonly out: string[];
  readonly err: string[];
  readonly code: Promise<number>;
  /** As Ctrl-C. */
  stop(): Promise<number>;
}

/** Starts a command within this process. */
export function start(
  command: Command,
  args: readonly string[],
  { env = {}, cwd = '/' }: Partial<Pick<CommandIo, 'env' | 'cwd'>> = {},
): Run {
  const stopping = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const code = command.run(args, {
    env,
    cwd,
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    signal: stopping.signal,
  });
  // A test that expects a refusal awaits it.
  code.catch(() => undefined);
  return {
    out,
    err,
    code,
    stop: () => {
      stopping.abort();
      return code;
    },
  };
}
