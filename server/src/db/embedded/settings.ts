/**
 * Settings go on the command line: they then hold whatever the cluster's files say, and nothing is half written.
 * Durability needs none: fsync, synchronous_commit and full_page_writes are on by default.
 */
const DEFAULTS = {
  max_connections: '200',
  shared_buffers: '128MB',
  // A new instance grows from nothing: its statistics, and with them the plans, keep up within seconds.
  autovacuum_naptime: '5s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Short statements only; compiling them costs more than it saves.
  jit: 'off',
  log_checkpoints: 'off',
  // Who waits this long is looked at for a deadlock; the one that loses is repeated at once.
  deadlock_timeout: '100ms',
  // The log must not hold customer data: neither the failing statement nor the offending row.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** For tests: a crash of the operating system may lose or corrupt the data. */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Marks the postmaster with the process that started it, in the one place that lives and dies with it. */
const LAUNCHER_SETTING = 'openoms.launcher_pid';

export const launcherMark = (pid: number): string => `${LAUNCHER_SETTING}=${pid}`;

/** The `-c name=value` arguments; later ones win, so a caller may change the defaults but not where it listens. */
export function settingArguments(
  port: number,
  durable: boolean,
  settings: Readonly<Record<string, string>>,
): string[] {
  const all = {
    ...DEFAULTS,
    ...(durable ? {} : NOT_DURABLE),
    ...settings,
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  };
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return [...pairs, launcherMark(process.pid)].flatMap((pair) => ['-c', pair]);
}
