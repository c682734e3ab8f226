import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';
import { startEmbeddedPostgres } from '../db/embedded/start.ts';
import { migrate } from '../db/migrate.ts';
import { assert } from '../kernel/assert.ts';
import type { Logger } from '../kernel/log.ts';
import type { RunningPart } from './kept-part.ts';

export interface RunningDatabase extends RunningPart {
  /** Of the schema's owner. */
  readonly url: string;
}

/**
 * Starts the embedded PostgreSQL. Started again, it must come back with its data, never as a new and empty database,
 * and under the address that everybody knows.
 */
export function databaseStarter(dir: string, log: Logger): () => Promise<RunningDatabase> {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) await access(join(dir, 'data', 'PG_VERSION'));
    const postgres = await startEmbeddedPostgres({ dir, log });
    known ??= postgres.url;
    if (postgres.url === known) return postgres;
    await postgres.stop();
    throw new Error('another program has taken the port of PostgreSQL');
  };
}

/** Brings the schema of the operator's own database up to date. Throws a sentence for the operator. */
export async function migrateOperatorsDatabase(url: string): Promise<void> {
  try {
    await migrate(url);
  } catch (cause) {
    const { host, pathname } = new URL(url);
    const reasons = causesOf(cause).map(describe);
    throw new ConfigError(
      `The database ${pathname.slice(1)} at ${host || 'the default host'} cannot be used: ${reasons.join(': ')}. Check DATABASE_URL; its user must own the schema and may have to create the role oms_app.`,
      { cause },
    );
  }
}

const MAX_CAUSES = 3;

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let each = error; each !== undefined && causes.length < MAX_CAUSES; ) {
    causes.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  assert(causes.length > 0, 'a failure has a reason');
  return causes;
}

/** A failed connection to a name with several addresses has its reasons inside and no message of its own. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join(', ');
  return error instanceof Error ? error.message : String(error);
}
