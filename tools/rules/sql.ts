import {
  codeOf,
  type Finding,
  isTest,
  isTypeScript,
  lineAt,
  matches,
  type SourceFile,
} from './source-files.ts';

/**
 * Where SQL may stand and what a migration must have. A slice's SQL is in its stores, so that everything it asks of
 * the database can be read in one place.
 */

const STORE = /(^|\/)([a-z0-9-]+-)?store\.ts$/;
const SQL_FOLDERS = /^server\/src\/(audit|auth|chain|db|events|http|jobs|ledger|sealing)\//;
const PROVIDER_EVENTS = 'server/src/providers/provider-events.ts';
const QUERY_CALL = /\.query\s*(<|\()/g;

const MIGRATION = /^server\/migrations\/(.+)$/;
const MIGRATION_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const LOCK_TIMEOUT = /^set local lock_timeout = /m;
const UPPER_CASE_WORD = /\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|TABLE|WHERE|NOT NULL)\b/g;

export function sqlFindings(files: readonly SourceFile[]): Finding[] {
  const migrations = files.filter(({ path }) => MIGRATION.test(path));
  return [
    ...files.flatMap(misplacedQueries),
    ...migrations.flatMap(formFindings),
    ...numberFindings(migrations),
  ];
}

function misplacedQueries(file: SourceFile): Finding[] {
  const { path } = file;
  if (!isTypeScript(path) || !path.startsWith('server/src/') || isTest(path)) return [];
  if (STORE.test(path) || SQL_FOLDERS.test(path) || path === PROVIDER_EVENTS) return [];
  return matches(path, codeOf(file), QUERY_CALL, 'SQL belongs in store.ts or *-store.ts');
}

function formFindings({ path, text }: SourceFile): Finding[] {
  const code = text.replace(/--[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const findings = matches(path, code, UPPER_CASE_WORD, 'SQL is lower case');
  if (!LOCK_TIMEOUT.test(code)) {
    findings.push({ path, line: 1, message: 'a migration begins with `set local lock_timeout`' });
  }
  for (const match of code.matchAll(/^\s*(begin|commit|rollback)\s*;/gim)) {
    findings.push({
      path,
      line: lineAt(code, match.index),
      message: 'a migration runs in the transaction that records it',
    });
  }
  return findings;
}

/** Numbers run from 0001 without gaps or twins, so that every database has applied them in the same order. */
function numberFindings(migrations: readonly SourceFile[]): Finding[] {
  const names = migrations.map(({ path }) => MIGRATION.exec(path)?.[1] ?? '').sort();
  return names.flatMap((name, index) => {
    const expected = String(index + 1).padStart(4, '0');
    if (MIGRATION_NAME.exec(name)?.[1] === expected) return [];
    return [{ path: `server/migrations/${name}`, line: 1, message: `expected the name ${expected}_….sql` }];
  });
}
