import { readFileSync } from 'node:fs';

/**
 * `node tools/test-summary.ts <report.json>` prints Vitest's counts as `N passed, N failed`, with `, N skipped` if
 * any. A file that failed without a failed test (it could not be loaded, or a hook threw) counts as one failure.
 */
interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node tools/test-summary.ts <report.json>');
const report = JSON.parse(readFileSync(path, 'utf8')) as TestReport;

const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
).length;
const skipped = report.numPendingTests + report.numTodoTests;
const counts = `${report.numPassedTests} passed, ${report.numFailedTests + brokenFiles} failed`;
console.log(skipped > 0 ? `${counts}, ${skipped} skipped` : counts);
