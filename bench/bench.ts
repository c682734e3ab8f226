import type { LoadProcess } from './worker-process.ts';

/** How much is measured. */
export interface Scale {
  readonly startUps: number;
  readonly connections: readonly number[];
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Transactions replayed for each limit of SQL, per number of connections. */
  readonly replayed: number;
  readonly cashIns: number;
  readonly payments: number;
  readonly listed: { readonly transactions: number; readonly customers: number };
  /** For each list. */
  readonly listMs: number;
}

export const FULL: Scale = {
  startUps: 5,
  connections: [8, 32, 128],
  warmUpMs: 1_000,
  durationMs: 6_000,
  replayed: 1_500,
  cashIns: 2_000,
  payments: 10_000,
  listed: { transactions: 1_000_000, customers: 10_000 },
  listMs: 2_000,
};

export const QUICK: Scale = {
  startUps: 1,
  connections: [8, 32, 128],
  warmUpMs: 400,
  durationMs: 1_500,
  replayed: 400,
  cashIns: 300,
  payments: 2_000,
  listed: { transactions: 200_000, customers: 10_000 },
  listMs: 500,
};

/** What every part of a run shares. */
export interface Bench {
  readonly scale: Scale;
  /** Removed at the end of the run. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly load: LoadProcess;
  /** What was started beside the load. Each may be called again; an interrupted run calls them all, last first. */
  readonly stops: (() => Promise<void>)[];
}
