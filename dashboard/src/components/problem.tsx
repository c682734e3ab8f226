import { problemOf } from '../api/problem.ts';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';
import { Id } from './id.tsx';

/** Why something could not be done or read, told once, with what support asks for. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { message, requestId, status } = problemOf(error);
  if (status === 404)
    return (
      <EmptyState title="There is nothing here">It does not exist, or it is somebody else’s.</EmptyState>
    );
  return (
    <Banner
      tone="failed"
      isAlert
      title={message}
      action={
        onRetry && (
          <Button size="sm" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {requestId !== undefined && (
        <>
          Request <Id id={requestId} />
        </>
      )}
    </Banner>
  );
}
