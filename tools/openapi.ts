import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DIALECT_OPERATIONS } from '../contract/dialect.ts';
import { buildOpenApiDocument } from '../contract/openapi-document.ts';
import { DIALECT_PATH, type Operation } from '../contract/operation.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from '../contract/operations.ts';

/** Writes the OpenAPI documents; with --check it writes nothing and fails when one is out of date. */
const isSame = (a: Operation, b: Operation): boolean => a.method === b.method && a.path === b.path;
const current: readonly Operation[] = Object.values(OPERATIONS);
const changed: readonly Operation[] = Object.values(DIALECT_OPERATIONS);
const unchanged = current.filter((each) => !changed.some((other) => isSame(each, other)));

const DOCUMENTS = [
  {
    name: 'openapi.json',
    document: buildOpenApiDocument([...current, ...Object.values(HEALTH_OPERATIONS)]),
  },
  { name: 'openapi-v0.11.json', document: buildOpenApiDocument([...unchanged, ...changed], DIALECT_PATH) },
];

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

for (const { name, document } of DOCUMENTS) {
  const path = fileURLToPath(new URL(`../contract/${name}`, import.meta.url));
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (currentText(path) !== text) {
    console.error(`contract/${name} is out of date: run \`node tools/openapi.ts\``);
    process.exitCode = 1;
  }
}
