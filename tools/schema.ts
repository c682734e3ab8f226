import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { dumpSchema } from './schema-dump.ts';

/** Writes server/schema.sql; with --check it writes nothing and fails when the file is out of date. */
const SCHEMA = fileURLToPath(new URL('../server/schema.sql', import.meta.url));

async function schemaOfMigrations(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'openoms-schema-'));
  try {
    const postgres = await startEmbeddedPostgres({ dir, log: silentLogger, durable: false });
    try {
      await migrate(postgres.url);
      return await dumpAt(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function dumpAt(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await dumpSchema(client);
  } finally {
    await client.end();
  }
}

const schema = await schemaOfMigrations();
if (!process.argv.includes('--check')) {
  await writeFile(SCHEMA, schema);
} else if ((await readFile(SCHEMA, 'utf8').catch(() => '')) !== schema) {
  console.error('server/schema.sql is out of date: run `npm run generate`');
  process.exitCode = 1;
}
