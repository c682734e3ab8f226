import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
/** Colouring more than this takes longer than it helps. */
const MAX_COLOURED = 200_000;

/** JSON text in colours: keys, texts, numbers, words. */
function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [all, quoted, colon, word] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + all.length;
    const tone = quoted ? (colon ? 'text-soft' : 'text-done') : word ? 'text-pending' : 'text-info';
    parts.push(
      <span key={match.index} className={tone}>
        {quoted ?? all}
      </span>,
      colon,
    );
  }
  parts.push(text.slice(end));
  return parts;
}

interface CodeBlockProps {
  /** What it is, for those who do not see it: “Request body”. */
  readonly label: string;
  readonly code: string;
  readonly language?: 'json' | 'text';
  /** Scrolls inside beyond this many lines. */
  readonly isTall?: boolean;
}

/** Text in the mono type that can be copied whole. */
export function CodeBlock({ label, code, language = 'text', isTall = false }: CodeBlockProps) {
  const isJson = language === 'json' && code.length <= MAX_COLOURED;
  return (
    <figure aria-label={label} className="relative min-w-0 rounded-md border border-line bg-sunken">
      <div className="absolute top-0 right-0 rounded-md bg-sunken p-1.5">
        <CopyButton text={code} label={`Copy ${label.toLowerCase()}`} />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        className={`overflow-x-auto rounded-md p-3 pr-10 font-mono text-xs leading-5 ${isTall ? '' : 'max-h-96'}`}
      >
        <code>{isJson ? coloured(code) : code}</code>
      </pre>
    </figure>
  );
}

interface JsonProps extends Pick<CodeBlockProps, 'label' | 'isTall'> {
  readonly value: unknown;
}

/** A value as indented JSON. */
export const Json = ({ label, value, isTall = false }: JsonProps) => (
  <CodeBlock label={label} language="json" code={JSON.stringify(value, null, 2)} isTall={isTall} />
);
