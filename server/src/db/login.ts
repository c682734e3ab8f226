import pg from 'pg';

const LOGIN = 'oms_server';

/**
 * Makes (or updates) the login the server works with on a database of ours: a member of `oms_app` and nothing else, so
 * that no statement of the server, however it came about, can step out of that role. Answers its URL.
 */
export async function ensureServerLogin(ownerUrl: string, password: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl });
  // A connection lost between two statements is told by the second; unheard, it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [LOGIN]);
    const verb = rowCount === 0 ? 'create' : 'alter';
    const secret = client.escapeLiteral(password);
    await client.query(
      `${verb} role ${LOGIN} login nosuperuser nobypassrls nocreatedb nocreaterole password ${secret}`,
    );
    await client.query(`grant oms_app to ${LOGIN}`);
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = LOGIN;
  url.password = password;
  return url.href;
}
