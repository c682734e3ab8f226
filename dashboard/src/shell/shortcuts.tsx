import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { Fragment, useEffect, useRef } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { hasModifier, isTyping } from '../components/row-keys.ts';
import { NAVIGATION } from './navigation.ts';

/** How long after `g` a letter counts as one of it. */
const CHORD_MS = 1_200;

interface ShortcutsOptions {
  readonly project: ConsoleProject | undefined;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** ⌘K or / searches, ? explains, u goes up, g and a letter goes. */
export function useShortcuts(options: ShortcutsOptions): void {
  const navigate = useNavigate();
  const latest = useRef(options);
  latest.current = options;
  const previous = usePreviousPath();
  useEffect(() => {
    let chordUntilMs = 0;
    const onKey = (event: KeyboardEvent): void => {
      const { project, onPalette, onHelp } = latest.current;
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        onPalette();
        return;
      }
      if (isTyping(event) || hasModifier(event) || document.querySelector('dialog[open]')) return;
      const isChord = performance.now() < chordUntilMs;
      chordUntilMs = 0;
      if (isChord) {
        const page = NAVIGATION.filter(({ isOfSandbox }) => !isOfSandbox || project?.mode === 'sandbox')
          .flatMap(({ pages, isOfOrganization }) => (project || isOfOrganization ? pages : []))
          .find(({ key }) => key === event.key);
        if (page) void navigate({ to: page.pathIn(project?.id ?? '') });
      } else if (event.key === 'g') chordUntilMs = performance.now() + CHORD_MS;
      else if (event.key === '/') onPalette();
      else if (event.key === '?') onHelp();
      else if (event.key === 'u') goUp(previous.current);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, previous]);
}

/** Where one came from within the dashboard. */
function usePreviousPath(): { readonly current: string | undefined } {
  const previous = useRef<string>(undefined);
  const current = useRef<string>(undefined);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    if (current.current !== pathname) previous.current = current.current;
    current.current = pathname;
  }, [pathname]);
  return previous;
}

/** From a page to the list it is of: back, with its filters, when one came from there, and by the breadcrumb otherwise. */
function goUp(previous: string | undefined): void {
  const list = [...document.querySelectorAll<HTMLAnchorElement>('nav[aria-label="Breadcrumbs"] a[href]')].at(
    -1,
  );
  if (previous !== undefined && list?.pathname.endsWith(previous)) history.back();
  else list?.click();
}

const GENERAL = [
  ['Search and commands', ['⌘ K', '/']],
  ['Next and previous row', ['j', 'k']],
  ['Open the row', ['Enter']],
  ['Up to the list', ['u']],
  ['Close what is open', ['Esc']],
  ['These shortcuts', ['?']],
] as const;

const Key = ({ children }: { readonly children: string }) => (
  <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1 font-mono text-2xs">
    {children}
  </kbd>
);

export function ShortcutsDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Keyboard shortcuts" width="wide">
      <div className="gap-8 sm:columns-2">
        <ShortcutList
          label="Everywhere"
          rows={GENERAL.map(([name, keys]) => ({ name, keys, joiner: 'or' }))}
        />
        {NAVIGATION.map(({ label, pages }) => (
          <ShortcutList
            key={label}
            label={label}
            rows={pages.flatMap(({ label: name, key }) =>
              key === undefined ? [] : [{ name, keys: ['g', key], joiner: 'then' }],
            )}
          />
        ))}
      </div>
    </Dialog>
  );
}

interface ShortcutRow {
  readonly name: string;
  readonly keys: readonly string[];
  readonly joiner: string;
}

const ShortcutList = ({ label, rows }: { readonly label: string; readonly rows: readonly ShortcutRow[] }) => (
  <section className="break-inside-avoid pb-4">
    <h3 className="label pb-1">{label}</h3>
    <dl>
      {rows.map(({ name, keys, joiner }) => (
        <div key={name} className="flex min-h-7 items-center justify-between gap-4 text-sm">
          <dt>{name}</dt>
          <dd className="flex items-center gap-1.5 text-xs text-muted">
            {keys.map((key, index) => (
              <Fragment key={key}>
                {index > 0 && joiner}
                <Key>{key}</Key>
              </Fragment>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </section>
);
