import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildOpenApiDocument } from '../contract/openapi-document.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from '../contract/operations.ts';

/** Writes contract/openapi.json; with --check it writes nothing and fails when the file is out of date. */
const path = fileURLToPath(new URL('../contract/openapi.json', import.meta.url));
const operations = [...Object.values(OPERATIONS), ...Object.values(HEALTH_OPERATIONS)];
const text = `${JSON.stringify(buildOpenApiDocument(operations), null, 2)}\n`;

function currentText(): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (currentText() !== text) {
  console.error('contract/openapi.json is out of date: run `node tools/openapi.ts`');
  process.exitCode = 1;
}
