import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app.css';
import { createQueryClient } from './api/query-client.ts';
import { Toasts } from './components/toast.tsx';
import { TooltipLayer } from './components/tooltip.tsx';
import { paths } from './paths.ts';
import { createDashboardRouter } from './router.tsx';

const client = createQueryClient(() => {
  const { pathname, href } = router.latestLocation;
  if (pathname === paths.signIn() || pathname === paths.invitation()) return;
  client.clear();
  void router.navigate({ to: paths.signIn(), search: { to: href } } as never);
});
const router = createDashboardRouter(client);

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Toasts />
        <TooltipLayer />
      </QueryClientProvider>
    </StrictMode>,
  );
