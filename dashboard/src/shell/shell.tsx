import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useLive } from '../api/live.ts';
import { useProjectOrNone, useSession } from '../api/session.ts';
import { CommandPalette } from './command-palette.tsx';
import { lastProjectOf, rememberProject } from './last-project.ts';
import { SandboxBanner } from './sandbox-banner.tsx';
import { ShortcutsDialog, useShortcuts } from './shortcuts.tsx';
import { MobileSidebar, Sidebar } from './sidebar.tsx';
import { TopBar } from './top-bar.tsx';

/** What is around every page of somebody who is signed in. */
export function Shell() {
  const session = useSession();
  const ofPage = useProjectOrNone();
  const project = ofPage ?? lastProjectOf(session);
  const [open, setOpen] = useState<'menu' | 'palette' | 'shortcuts'>();
  const close = (): void => setOpen(undefined);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: where one arrives, what was open is closed
  useEffect(close, [pathname]);
  useEffect(() => {
    if (ofPage) rememberProject(ofPage.id);
  }, [ofPage]);
  useLive(ofPage?.id);
  useShortcuts({
    project,
    onPalette: () => setOpen('palette'),
    onHelp: () => setOpen('shortcuts'),
  });
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[var(--sidebar)_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-sm text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <aside className="hidden border-r border-line bg-sunken lg:block">
        <div className="sticky top-0 h-dvh">
          <Sidebar project={project} />
        </div>
      </aside>
      <MobileSidebar project={project} isOpen={open === 'menu'} onClose={close} />
      <div className="min-w-0">
        <TopBar onMenu={() => setOpen('menu')} onSearch={() => setOpen('palette')} />
        {ofPage?.mode === 'sandbox' && <SandboxBanner key={ofPage.id} />}
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1200px] px-4 py-6 outline-none sm:px-8"
        >
          <Outlet />
        </main>
      </div>
      <CommandPalette project={project} isOpen={open === 'palette'} onClose={close} />
      <ShortcutsDialog isOpen={open === 'shortcuts'} onClose={close} />
    </div>
  );
}
