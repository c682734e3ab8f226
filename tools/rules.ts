import { importFindings } from './rules/imports.ts';
import { readTree } from './rules/source-files.ts';
import { sourceFindings } from './rules/sources.ts';
import { sqlFindings } from './rules/sql.ts';

/** `node tools/rules.ts imports|sources|sql`: prints each broken rule of the tree and fails when there is one. */
const RULES = { imports: importFindings, sources: sourceFindings, sql: sqlFindings };

const isRules = (name: string | undefined): name is keyof typeof RULES =>
  name !== undefined && Object.hasOwn(RULES, name);

const [name] = process.argv.slice(2);
if (!isRules(name)) throw new Error(`usage: node tools/rules.ts ${Object.keys(RULES).join('|')}`);
const files = readTree();
const findings = RULES[name](files);
for (const { path, line, message } of findings) console.error(`${path}:${line}  ${message}`);
if (findings.length > 0) process.exitCode = 1;
else console.log(`${files.length} files obey the rules for ${name}`);
