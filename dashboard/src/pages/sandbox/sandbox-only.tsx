import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';

/** A live project has nobody to play; the API answers 404 there. */
export function SandboxOnly({ children }: { readonly children: ReactNode }) {
  const { mode, counterpartId } = useProject();
  if (mode === 'sandbox') return children;
  return (
    <EmptyState
      title="Only a sandbox has this"
      action={counterpartId !== null && <Link to={paths.home(counterpartId)}>Go to its sandbox</Link>}
    >
      In a live project banks, tills and reviewers are real, and the clock is everybody’s.
    </EmptyState>
  );
}
