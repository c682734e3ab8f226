import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** The repository's root directory. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository; `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A broken rule, at a 1-based line. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const SKIPPED_DIRECTORIES = new Set(['node_modules', '.git', '.openoms', 'coverage', 'dist']);
const TEXT_FILE = /\.(ts|tsx|js|mjs|cjs|json|sql|md|html|css|yml|yaml|sh)$|(^|\/)(\.ci\/run|\.npmrc)$/;

/** Every text file of the working tree outside ignored directories, sorted by path. */
export function readTree(root: string = ROOT, directory = ''): SourceFile[] {
  return readdirSync(join(root, directory), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED_DIRECTORIES.has(entry.name) ? [] : readTree(root, path);
      if (!entry.isFile() || !TEXT_FILE.test(path)) return [];
      return [{ path, text: readFileSync(join(root, path), 'utf8') }];
    });
}

export const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);

/** Tests and what only tests use; the product never imports them. */
export const isTest = (path: string): boolean =>
  /\.(test|testing|fixture)\.tsx?$/.test(path) || /^(server\/test|dashboard\/test|bench)\//.test(path);

/** The text with its comments blanked, every other character at its place, so that line numbers stay right. */
export function codeOf(file: SourceFile): string {
  let code = file.text;
  for (const { start, end } of parseSync(file.path, file.text).comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return code;
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** One finding for each match of the pattern, which needs the flag `g`. */
export function matches(path: string, text: string, pattern: RegExp, message: string): Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({ path, line: lineAt(text, match.index), message }));
}
