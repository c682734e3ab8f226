import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useUrlState } from '../../components/url-state.ts';

/** A list whose filters leave nothing over. */
export function NoMatch({ of, names }: { readonly of: string; readonly names: readonly string[] }) {
  const [, setState] = useUrlState();
  return (
    <EmptyState
      title={`No ${of} match`}
      action={
        <Button onClick={() => setState(Object.fromEntries(names.map((name) => [name, undefined])))}>
          Clear the filters
        </Button>
      }
    >
      The filters above leave nothing over.
    </EmptyState>
  );
}
