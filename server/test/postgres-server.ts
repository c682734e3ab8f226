import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/db/embedded/start.ts';
import { migrate } from '../src/db/migrate.ts';
import type { Logger } from '../src/kernel/log.ts';

/** The migrated database that test databases are copies of. */
export const TEMPLATE = 'oms_template';

export interface TestPostgres extends EmbeddedPostgres {
  /** The superuser's, of the migrated database. */
  readonly templateUrl: string;
}

/** A PostgreSQL in the directory, with every migration applied to a template. */
export async function startTestPostgres(options: {
  readonly dir: string;
  readonly log: Logger;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<TestPostgres> {
  const postgres = await startEmbeddedPostgres({
    ...options,
    dir: join(options.dir, 'postgres'),
    durable: false,
  });
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`create database ${TEMPLATE}`).finally(() => client.end());
    const url = new URL(postgres.url);
    url.pathname = `/${TEMPLATE}`;
    await migrate(url.href);
    return { ...postgres, templateUrl: url.href };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
