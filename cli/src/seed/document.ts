import { isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { similarNames } from '../similar-names.ts';

/** A seed is wrong, or the API refuses what it asks for; the message is one sentence and says where. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

type Path = readonly (string | number)[];

/** What a seed says, and where it says it. */
export interface SeedDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** A failure at the path, with the file and its line if there is one. */
  error(path: Path, issue: string, cause?: unknown): SeedError;
}

/** Reads YAML, of which JSON is a part. Throws `SeedError`. */
export function parseSeed(text: string, fileName: string): SeedDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  for (const { pos, message } of document.errors) {
    throw new SeedError(`${fileName}:${lineAt(pos[0])}: ${message.split('\n')[0]}`);
  }
  const root = document.contents;
  if (root !== null && !isMap(root)) throw new SeedError(`${fileName}:1: a seed is a mapping of sections.`);
  const value: Record<string, unknown> = root === null ? {} : document.toJS();
  const at = (path: Path): string => {
    const start = nodeAt(root, path)?.range?.[0];
    return `${fileName}:${start === undefined ? 1 : lineAt(start)}`;
  };
  return {
    value,
    error: (path, issue, cause) => new SeedError(`${at(path)}: ${say(path, issue)}`, { cause }),
  };
}

/** A seed that is no file. */
export const seedOf = (value: object): SeedDocument => ({
  value: { ...value },
  error: (path, issue, cause) => new SeedError(`Seed: ${say(path, issue)}`, { cause }),
});

const say = (path: Path, issue: string): string => (path.length === 0 ? issue : `${path.join('.')} ${issue}`);

/** The innermost thing on the way that there is; of one in a mapping its name, where the line is that one looks for. */
function nodeAt(root: Node | null, path: Path): Node | undefined {
  let found: Node | undefined;
  let inside: unknown = root;
  for (const step of path) {
    if (isMap(inside)) {
      const pair = inside.items.find(({ key }) => String(key) === String(step));
      if (!pair) return found;
      if (isNode(pair.key)) found = pair.key;
      inside = pair.value;
    } else {
      const item: unknown = isSeq(inside) ? inside.items[Number(step)] : undefined;
      if (!isNode(item)) return found;
      found = item;
      inside = item;
    }
  }
  return found;
}

/** Throws for a name that is not among those; a misspelt one must not be passed over. */
export function requireKnown(document: SeedDocument, path: Path, known: readonly string[]): void {
  const name = String(path.at(-1));
  if (known.includes(name)) return;
  const similar = similarNames(name, known);
  const meant = similar.length > 0 ? similar : known;
  throw document.error(path, `is not known; there is ${meant.join(', ')}.`);
}
