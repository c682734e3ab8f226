import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import type { SearchResult } from '@openoms/contract/console/project.ts';
import { skipToken, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CornerDownLeft, type LucideIcon, Moon, Search, Sun } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from 'react';
import { callProject } from '../api/client.ts';
import { projectKey } from '../api/queries.ts';
import { cx } from '../components/class-names.ts';
import { shortened } from '../components/id.tsx';
import { Modal } from '../components/modal.tsx';
import { Spinner } from '../components/spinner.tsx';
import { wordsOf } from '../components/status.tsx';
import { pageOfId } from '../paths.ts';
import { NAVIGATION } from './navigation.ts';
import { setTheme } from './theme.ts';

interface PaletteProps {
  readonly project: ConsoleProject | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

interface Command {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly icon: LucideIcon;
  readonly keys?: string | undefined;
  readonly run: () => void;
}

const MIN_SEARCH = 2;
const PAUSE_MS = 120;

/** Anything by its name: pages, actions, and whatever the project has. */
export function CommandPalette({ isOpen, onClose, project }: PaletteProps) {
  return (
    <Modal
      isOpen={isOpen}
      onClose={onClose}
      label="Search and commands"
      focused="input"
      className="mx-auto mt-3 mb-0 w-[calc(100%-1.5rem)] max-w-xl overflow-hidden rounded-lg border border-line-strong bg-raised text-ink shadow-lift backdrop:bg-shade sm:mt-[14vh]"
    >
      <Palette project={project} onClose={onClose} />
    </Modal>
  );
}

function Palette({ project, onClose }: Omit<PaletteProps, 'isOpen'>) {
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const { commands, isSearching } = useCommands(project, text.trim(), onClose);
  const id = useId();
  const at = Math.min(active, commands.length - 1);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((at + step + commands.length) % Math.max(commands.length, 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      commands[at]?.run();
    }
  };
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        {isSearching ? <Spinner /> : <Search size={14} aria-hidden className="text-muted" />}
        <input
          role="combobox"
          aria-label="Search"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={commands.length > 0 ? `${id}-${at}` : undefined}
          placeholder="Id, email, name, address, hash, code, or a page"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKey}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted"
        />
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Results"
        className="max-h-[60vh] overflow-y-auto p-1.5"
      >
        {commands.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, as in every combobox
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={command.run}
            onPointerMove={() => setActive(index)}
            className={cx(
              'flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5',
              index === at && 'bg-hover',
            )}
          >
            <command.icon size={15} strokeWidth={1.75} aria-hidden className="text-muted" />
            <span className="min-w-0 flex-1 truncate text-sm">{command.title}</span>
            <span className="max-w-[45%] truncate text-xs text-muted">{command.detail}</span>
            {command.keys !== undefined && (
              <kbd className="font-mono text-2xs text-muted">{command.keys}</kbd>
            )}
          </div>
        ))}
      </div>
      <p
        role="status"
        className={commands.length > 0 ? 'sr-only' : 'px-4 pb-6 text-center text-sm text-muted'}
      >
        {commands.length > 0
          ? `${commands.length} results`
          : isSearching
            ? 'Searching'
            : 'Nothing is called that'}
      </p>
    </>
  );
}

function useCommands(project: ConsoleProject | undefined, text: string, onClose: () => void) {
  const navigate = useNavigate();
  const go = (path: string): void => {
    onClose();
    void navigate({ to: path });
  };
  const { data: results = [], isFetching } = useSearch(project?.id, text);
  const pages: Command[] = NAVIGATION.filter(
    ({ isOfSandbox, isOfOrganization }) =>
      isOfOrganization || (project && (!isOfSandbox || project.mode === 'sandbox')),
  ).flatMap((group) =>
    group.pages.map((page) => ({
      id: page.pathIn(project?.id ?? ''),
      title: page.label,
      detail: group.label,
      icon: page.icon,
      keys: page.key && `g ${page.key}`,
      run: () => go(page.pathIn(project?.id ?? '')),
    })),
  );
  const actions: Command[] = (['dark', 'light'] as const).map((theme) => ({
    id: theme,
    title: `Use the ${theme} theme`,
    detail: 'Action',
    icon: theme === 'dark' ? Moon : Sun,
    run: () => {
      setTheme(theme);
      onClose();
    },
  }));
  const wanted = text.toLowerCase();
  const known = [...pages, ...actions].filter(({ title }) => title.toLowerCase().includes(wanted));
  const found = results.flatMap((result): Command[] => {
    const path = project && pathOfResult(project.id, result);
    if (path === undefined) return [];
    const { id, title, type, detail } = result;
    return [
      {
        id,
        title,
        detail: detail.split(' · ').map(shortened).join(' · ') || wordsOf(type),
        icon: CornerDownLeft,
        run: () => go(path),
      },
    ];
  });
  return { commands: wanted === '' ? known : [...found, ...known], isSearching: isFetching };
}

/** Waits until the typing pauses. */
function useSearch(projectId: string | undefined, text: string) {
  const deferred = useDeferredValue(text);
  const isLongEnough = projectId !== undefined && deferred.length >= MIN_SEARCH;
  return useQuery<SearchResult[]>({
    queryKey: [...projectKey(projectId ?? ''), 'GET /search', deferred],
    queryFn: isLongEnough
      ? async ({ signal }) => {
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          if (signal.aborted) return [];
          return (await callProject(projectId, 'GET /search', { query: { q: deferred } })).data;
        }
      : skipToken,
    placeholderData: (previous) => (isLongEnough ? previous : []),
  });
}

const pathOfResult = (projectId: string, { id }: SearchResult): string | undefined => pageOfId(projectId, id);
