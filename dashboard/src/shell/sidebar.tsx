import type { ConsoleProject } from '@openoms/contract/console/people.ts';
import { useRouterState } from '@tanstack/react-router';
import { cx } from '../components/class-names.ts';
import { Link } from '../components/link.tsx';
import { Modal } from '../components/modal.tsx';
import { NAVIGATION } from './navigation.ts';
import { ProjectSwitcher } from './project-switcher.tsx';
import { UserMenu } from './user-menu.tsx';

interface SidebarProps {
  readonly project: ConsoleProject | undefined;
}

export function Sidebar({ project }: SidebarProps) {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const groups = NAVIGATION.filter(
    ({ isOfSandbox, isOfOrganization }) =>
      isOfOrganization || (project && (!isOfSandbox || project.mode === 'sandbox')),
  );
  return (
    <div className="flex h-full flex-col">
      <div className="p-3 pb-2">
        <ProjectSwitcher project={project} />
      </div>
      <nav
        aria-label="Main"
        className="min-h-0 flex-1 overflow-y-auto mask-b-from-[calc(100%-20px)] px-3 pb-6"
      >
        {groups.map(({ label, pages }) => (
          <div key={label} className="pt-3">
            <h2 className="label px-2 pb-1">{label}</h2>
            <ul>
              {pages.map(({ label: name, icon: Icon, pathIn }) => {
                const path = pathIn(project?.id ?? '');
                const isCurrent = isWithin(pathname, path, name === 'Home');
                return (
                  <li key={path}>
                    <Link
                      to={path}
                      look="plain"
                      aria-current={isCurrent ? 'page' : undefined}
                      className={cx(
                        'relative flex h-7 items-center gap-2.5 rounded-md px-2 text-sm max-lg:h-9',
                        isCurrent
                          ? 'bg-hover font-medium text-ink before:absolute before:inset-y-1.5 before:-left-3 before:w-0.5 before:rounded-full before:bg-accent'
                          : 'text-soft hover:bg-hover hover:text-ink',
                      )}
                    >
                      <Icon
                        size={15}
                        strokeWidth={1.75}
                        aria-hidden
                        className={isCurrent ? 'text-accent' : 'text-muted'}
                      />
                      {name}
                    </Link>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </nav>
      <div className="border-t border-line p-2">
        <UserMenu />
      </div>
    </div>
  );
}

const isWithin = (pathname: string, path: string, isExact: boolean): boolean =>
  pathname === path || pathname === `${path}/` || (!isExact && pathname.startsWith(`${path}/`));

export function MobileSidebar(
  props: SidebarProps & { readonly isOpen: boolean; readonly onClose: () => void },
) {
  return (
    <Modal
      isOpen={props.isOpen}
      onClose={props.onClose}
      label="Menu"
      className="m-0 h-dvh max-h-none w-[min(300px,85vw)] max-w-none overflow-hidden border-r border-line-strong bg-sunken text-ink transition-transform duration-150 backdrop:bg-shade lg:hidden starting:-translate-x-full"
    >
      <Sidebar project={props.project} />
    </Modal>
  );
}
