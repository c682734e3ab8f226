import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PEOPLE_OPERATIONS, PROJECT_OPERATIONS } from '../contract/console/operations.ts';
import { DIALECT_OPERATIONS } from '../contract/dialect.ts';
import { buildConsoleDocument, buildOpenApiDocument } from '../contract/openapi-document.ts';
import { DIALECT_PATH, type Operation } from '../contract/operation.ts';
import { HEALTH_OPERATIONS, OPERATIONS } from '../contract/operations.ts';
import { eventsPage } from './events-page.ts';
import { examPage } from './exam-page.ts';
import { magicValuesPage } from './magic-values-page.ts';

/**
 * Writes what the contract says in other forms: the OpenAPI documents, the page of events and the cases
 * of the webhook exam, which sends every event. With --check it writes
 * nothing and fails when one is out of date.
 */
const isSame = (a: Operation, b: Operation): boolean => a.method === b.method && a.path === b.path;
const current: readonly Operation[] = Object.values(OPERATIONS);
const changed: readonly Operation[] = Object.values(DIALECT_OPERATIONS);
const unchanged = current.filter((each) => !changed.some((other) => isSame(each, other)));

const toText = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const EXAM_PAGE = 'docs/check-webhook.md';

const DOCUMENTS = [
  {
    name: 'contract/openapi.json',
    text: toText(buildOpenApiDocument([...current, ...Object.values(HEALTH_OPERATIONS)])),
  },
  {
    name: 'contract/openapi-v0.11.json',
    text: toText(buildOpenApiDocument([...unchanged, ...changed], DIALECT_PATH)),
  },
  {
    name: 'contract/console/openapi.json',
    text: toText(buildConsoleDocument(Object.values(PEOPLE_OPERATIONS), Object.values(PROJECT_OPERATIONS))),
  },
  { name: 'docs/events.md', text: eventsPage() },
  { name: 'docs/magic-values.md', text: magicValuesPage() },
  { name: EXAM_PAGE, text: examPage(currentText(pathOf(EXAM_PAGE)) ?? '') },
];

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

for (const { name, text } of DOCUMENTS) {
  const path = pathOf(name);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (currentText(path) !== text) {
    console.error(`${name} is out of date: run \`node tools/openapi.ts\``);
    process.exitCode = 1;
  }
}
