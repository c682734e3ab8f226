import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { ChevronsUpDown, Plus } from 'lucide-react';
import { useState } from 'react';
import { useMayOrganize, useSession } from '../api/session.ts';
import { cx } from '../components/class-names.ts';
import { Menu, MenuGroup, MenuItem, MenuSeparator } from '../components/menu.tsx';
import { paths } from '../paths.ts';
import { CreateProjectDialog } from './create-project-dialog.tsx';

/** Which project one is in, the other ones, and the same one in the other mode. */
export function ProjectSwitcher({ project }: { readonly project: ConsoleProject | undefined }) {
  const { projects, organization } = useSession();
  const may = useMayOrganize('manageProjects');
  const [creating, setCreating] = useState<{ readonly name: string; readonly mode: 'sandbox' | 'live' }>();
  const go = useGoToProject(project);
  const modes = ['sandbox', 'live'] as const;
  return (
    <div className="grid gap-2">
      <Menu
        label="Projects"
        align="start"
        trigger={
          <button
            type="button"
            className="flex h-10 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover"
          >
            <Mark />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">{project?.name ?? 'No project'}</span>
              <span className="block truncate text-2xs text-muted">{organization.name}</span>
            </span>
            <ChevronsUpDown size={14} aria-hidden className="text-muted" />
            <span className="sr-only">Switch project</span>
          </button>
        }
      >
        {modes.map((mode) => {
          const ofMode = projects.filter((other) => other.mode === mode);
          if (ofMode.length === 0) return null;
          return (
            <MenuGroup key={mode} label={mode}>
              {ofMode.map((other) => (
                <MenuItem key={other.id} isCurrent={other.id === project?.id} onSelect={() => go(other.id)}>
                  {other.name}
                </MenuItem>
              ))}
            </MenuGroup>
          );
        })}
        <MenuSeparator />
        <MenuItem
          icon={<Plus size={14} aria-hidden />}
          unavailable={may.reason}
          onSelect={() => setCreating({ name: '', mode: 'sandbox' })}
        >
          Create a project
        </MenuItem>
      </Menu>
      {project && (
        <fieldset className="grid grid-cols-2 rounded-md border border-line bg-hover p-0.5">
          <legend className="sr-only">Mode</legend>
          {modes.map((mode) => (
            <button
              key={mode}
              type="button"
              aria-pressed={project.mode === mode}
              onClick={() => {
                if (project.mode === mode) return;
                if (project.counterpartId) go(project.counterpartId);
                else setCreating({ name: project.name, mode });
              }}
              className={cx(
                'h-6 rounded-sm text-xs capitalize',
                project.mode === mode
                  ? 'border border-line-strong bg-surface font-medium text-ink'
                  : 'text-soft hover:text-ink',
              )}
            >
              {mode}
            </button>
          ))}
        </fieldset>
      )}
      {creating && <CreateProjectDialog initial={creating} onClose={() => setCreating(undefined)} />}
    </div>
  );
}

/** To the same list in the other project; a page of one thing stays behind, because it is of this project. */
function useGoToProject(project: ConsoleProject | undefined): (projectId: string) => void {
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (projectId) => {
    const home = project && paths.home(project.id);
    const rest = home && pathname.startsWith(`${home}/`) ? pathname.slice(home.length + 1) : '';
    const list = rest.startsWith('sandbox/') ? '' : (rest.split('/')[0] ?? '');
    void navigate({ to: `${paths.home(projectId)}${list && `/${list}`}` });
  };
}

/** The sign of the house: a coin and its ledger line. */
function Mark() {
  return (
    <svg viewBox="0 0 24 24" className="size-6 shrink-0 text-accent" fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="9" stroke="currentColor" strokeWidth="2" />
      <path d="M3 12h18" stroke="currentColor" strokeWidth="2" />
      <path d="M7.5 8.2h9M7.5 15.8h9" stroke="currentColor" strokeWidth="1.25" strokeOpacity="0.55" />
    </svg>
  );
}
