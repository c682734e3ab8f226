import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded/start.ts';
import { migrate } from '../../src/db/migrate.ts';
import { must } from '../../src/kernel/assert.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { type Bed, poll, startBed } from './bed.ts';
import type { Drill, Round } from './drill.ts';
import { runDrills } from './run.ts';

let dir: string;
let postgres: EmbeddedPostgres | undefined;

/** A server of the drills' own: these are about its death and about settings of the whole of it. */
async function open(): Promise<{ bed: Bed; close(): Promise<void> }> {
  dir = await mkdtemp(join(tmpdir(), 'oms-drill-postgres-'));
  postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
  await migrate(postgres.url);
  const bed = await startBed(postgres.url);
  return {
    bed,
    close: async () => {
      await bed.stop();
      await postgres?.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What `pg_ctl stop -m immediate` sends: the server goes without a checkpoint, and recovers at its start. */
async function killPostgres(): Promise<void> {
  const { pid, exited } = must(postgres, 'PostgreSQL runs');
  process.kill(pid, 'SIGQUIT');
  await exited;
}

/** On the port it had. The local chain keeps its log there and has ended with it. */
async function restartPostgres(bed: Bed): Promise<void> {
  postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
  await bed.restartChain();
}

/** From now on commits are made and their answers wait for a standby that does not exist. */
async function holdCommits({ bed }: Round, isHeld: boolean): Promise<void> {
  await bed.asSuperuser(`alter system set synchronous_standby_names = '${isHeld ? 'nobody' : ''}'`);
  await bed.asSuperuser('select pg_reload_conf()');
}

/** Whoever waits for the answer to a commit loses its connection instead; how many did. */
async function cutCommits({ bed }: Round): Promise<number> {
  const cut = await bed.asSuperuser(
    `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep' and pid <> pg_backend_pid()`,
  );
  return cut.length;
}

const DRILLS: readonly Drill[] = [
  {
    name: 'PostgreSQL killed',
    cause:
      'SIGQUIT to the postmaster (-m immediate) while relayer and indexer work; recovered by a new start',
    inject: async (round) => {
      const { bed } = round;
      await round.pay(6);
      const steps = round.below(4);
      for (let i = 0; i < steps; i++) await round.step();
      const working = round.tick();
      for (let i = round.below(30); i > 0; i--) await new Promise(setImmediate);
      await killPostgres();
      await working;
      await round.tick();
      await restartPostgres(bed);
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'connections cut in mid-commit',
    cause: 'commits are made and their answers lost: the sessions wait for a standby and are terminated',
    inject: async (round) => {
      await round.pay(3);
      for (let i = round.below(3); i > 0; i--) await round.step();
      await holdCommits(round, true);
      const working = round.tick();
      let cuts = 0;
      await poll(async () => {
        cuts += await cutCommits(round);
        return cuts > round.below(3);
      });
      await holdCommits(round, false);
      await cutCommits(round);
      await working;
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'connections cut at random',
    cause: 'pg_terminate_backend on every session of the server role, again and again while it works',
    inject: async (round) => {
      await round.pay(5);
      for (let i = 3 + round.below(5); i > 0; i--) {
        const working = round.tick();
        for (let turns = round.below(20); turns > 0; turns--) await new Promise(setImmediate);
        await round.bed.asSuperuser(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()
             and pid not in (select pid from pg_locks where locktype = 'advisory' and classid <> 721634)`,
        );
        await working;
        if (round.below(2) === 0) await round.bed.local.mine();
      }
    },
    expect: 'paid',
    isQuick: false,
  },
];

runDrills(DRILLS, open);
