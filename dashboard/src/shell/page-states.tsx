import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Link } from '../components/link.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Problem } from '../components/problem.tsx';

/** A page that could not be shown. */
export function PageProblem({ error }: { readonly error: unknown }) {
  return (
    <div className="mx-auto max-w-2xl p-6">
      <PageHeader title="This page cannot be shown" />
      <div className="grid justify-items-start gap-4">
        <Problem error={error} />
        <Button onClick={() => location.reload()}>Load it again</Button>
      </div>
    </div>
  );
}

export function PageMissing() {
  return (
    <div className="mx-auto max-w-2xl p-6">
      <PageHeader title="There is no such page" />
      <EmptyState title="Nothing is at this address">
        It does not exist, or it is of another organization. <Link to="/">Go to the start</Link>.
      </EmptyState>
    </div>
  );
}
