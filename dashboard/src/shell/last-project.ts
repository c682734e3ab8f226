import type { ConsoleProject, Session } from '@openoms/contract/console/people.ts';

const KEY = 'oms.project';

export function rememberProject(projectId: string): void {
  try {
    localStorage.setItem(KEY, projectId);
  } catch {
    // Without storage the first project is where one begins.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Where one was last; else the first sandbox project, or the first at all. */
export function lastProjectOf({ projects }: Session): ConsoleProject | undefined {
  const id = remembered();
  return (
    projects.find((project) => project.id === id) ??
    projects.find(({ mode }) => mode === 'sandbox') ??
    projects[0]
  );
}
