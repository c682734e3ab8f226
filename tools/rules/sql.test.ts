import { expect, test } from 'vitest';
import { sqlFindings } from './sql.ts';

const QUERY = `const rows = await tx.query<Row>('select 1');`;
const MIGRATION = `-- Not A TABLE.\nset local lock_timeout = '5s';\ncreate table a (a text);\n`;

test.each([
  'server/src/wallets/service.ts',
  'server/src/wallets/restore.ts',
  'server/src/providers/registry.ts',
  'server/src/context.ts',
])('refuses SQL in %s', (path) => {
  expect(sqlFindings([{ path, text: QUERY }])).toMatchObject([{ path, line: 1 }]);
});

test.each([
  'server/src/wallets/store.ts',
  'server/src/customers/endorsement-store.ts',
  'server/src/ledger/ledger.ts',
  'server/src/providers/provider-events.ts',
  'server/src/wallets/service.test.ts',
])('allows SQL in %s', (path) => {
  expect(sqlFindings([{ path, text: QUERY }])).toEqual([]);
});

test('a query string is not SQL', () => {
  expect(
    sqlFindings([{ path: 'server/src/wallets/routes.ts', text: 'const { limit } = input.query;' }]),
  ).toEqual([]);
});

test('a well-formed migration passes', () => {
  expect(sqlFindings([{ path: 'server/migrations/0001_a.sql', text: MIGRATION }])).toEqual([]);
});

test.each([
  ['without lock_timeout', '0001_a.sql', 'create table a (a text);'],
  ['in upper case', '0001_a.sql', `${MIGRATION}INSERT into a values ('b');`],
  ['that commits', '0001_a.sql', `${MIGRATION}commit;`],
  ['with a gap before it', '0002_a.sql', MIGRATION],
  ['with another form of name', '0001-a.sql', MIGRATION],
])('refuses a migration %s', (_what, name, text) => {
  expect(sqlFindings([{ path: `server/migrations/${name}`, text }])).toHaveLength(1);
});

test('refuses two migrations of one number', () => {
  const twins = ['0001_a.sql', '0001_b.sql'].map((name) => ({
    path: `server/migrations/${name}`,
    text: MIGRATION,
  }));
  expect(sqlFindings(twins)).toHaveLength(1);
});
