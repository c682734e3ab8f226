import { useParams, useRouterState } from '@tanstack/react-router';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { Fragment } from 'react';
import { useLiveState } from '../api/live.ts';
import { useProjectOrNone } from '../api/session.ts';
import { IconButton } from '../components/button.tsx';
import { cx } from '../components/class-names.ts';
import { shortened } from '../components/id.tsx';
import { Link } from '../components/link.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import { paths } from '../paths.ts';
import { NAVIGATION } from './navigation.ts';

interface TopBarProps {
  readonly onMenu: () => void;
  readonly onSearch: () => void;
}

export function TopBar({ onMenu, onSearch }: TopBarProps) {
  const project = useProjectOrNone();
  return (
    <header className="sticky top-0 z-30 flex h-(--bar) items-center gap-3 border-b border-line bg-paper px-4 sm:px-8">
      <IconButton
        label="Menu"
        icon={<MenuIcon size={18} aria-hidden />}
        onClick={onMenu}
        className="-ml-1.5 size-8 lg:hidden"
      />
      <Breadcrumbs />
      <div className="ml-auto flex items-center gap-3">
        {project && <LiveMark />}
        <button
          type="button"
          onClick={onSearch}
          aria-keyshortcuts="Meta+K Control+K /"
          className="flex h-7 items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-xs text-muted hover:bg-hover hover:text-ink"
        >
          <Search size={14} aria-hidden />
          <span className="max-sm:sr-only">Search</span>
          <span aria-hidden="true" className="font-mono text-2xs max-sm:hidden">
            ⌘K
          </span>
        </button>
      </div>
    </header>
  );
}

const LIVE = {
  live: { mark: 'bg-done', text: 'Live', more: 'Changes show as they happen.' },
  connecting: { mark: 'bg-pending', text: 'Connecting', more: 'Changes will show as they happen.' },
  lost: { mark: 'bg-failed', text: 'Not live', more: 'The connection is lost; it is tried again.' },
} as const;

function LiveMark() {
  const { mark, text, more } = LIVE[useLiveState()];
  return (
    <Tooltip text={more}>
      <span role="status" className="inline-flex items-center gap-1.5 text-xs text-muted">
        <span aria-hidden="true" className={cx('size-1.5 rounded-full', mark)} />
        {text}
      </span>
    </Tooltip>
  );
}

interface Crumb {
  readonly label: string;
  readonly path: string;
}

function useCrumbs(): Crumb[] {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const project = useProjectOrNone();
  const { id, deliveryId } = useParams({ strict: false }) as { id?: string; deliveryId?: string };
  const projectId = project?.id ?? '';
  const found = NAVIGATION.flatMap(({ pages, label }) =>
    pages.map((page) => ({ group: label, label: page.label, path: page.pathIn(projectId) })),
  )
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  if (!found) return pathname === paths.account() ? [{ label: 'Account', path: paths.account() }] : [];
  const crumbs: Crumb[] = [{ label: found.label, path: found.path }];
  if (id !== undefined && project) {
    const base = found.path === paths.ledger(projectId) ? `${found.path}/accounts` : found.path;
    crumbs.push({ label: shortened(id), path: `${base}/${id}` });
  }
  if (id !== undefined && deliveryId !== undefined)
    crumbs.push({ label: shortened(deliveryId), path: paths.delivery(projectId, id, deliveryId) });
  return crumbs;
}

/** Of three, a small screen has room for the last two. */
const FAR = 'max-sm:hidden';

function Breadcrumbs() {
  const crumbs = useCrumbs();
  return (
    <nav aria-label="Breadcrumbs" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {crumbs.map(({ label, path }, index) => {
          const isLast = index === crumbs.length - 1;
          return (
            <Fragment key={path}>
              {index > 0 && (
                <li aria-hidden="true" className={cx('text-line-input', index < crumbs.length - 1 && FAR)}>
                  /
                </li>
              )}
              <li
                className={cx(
                  'min-w-0 truncate',
                  index > 0 && 'font-mono text-xs',
                  index < crumbs.length - 2 && FAR,
                )}
              >
                {isLast ? (
                  <span aria-current="page" className="text-soft">
                    {label}
                  </span>
                ) : (
                  <Link to={path} look="plain" className="rounded-sm text-muted hover:text-ink">
                    {label}
                  </Link>
                )}
              </li>
            </Fragment>
          );
        })}
      </ol>
    </nav>
  );
}
