import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Button } from './button.tsx';
import { Spinner } from './spinner.tsx';
import { Table, type TableProps } from './table.tsx';

interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly hasMore: boolean;
}

interface PagedTableProps<Row>
  extends Omit<TableProps<Row>, 'rows' | 'error' | 'onRetry' | 'onEnd' | 'footer'> {
  /** Of `usePages`. */
  readonly query: UseInfiniteQueryResult<InfiniteData<PageOf<Row>>, Error>;
}

/** A list by cursor: the next page is fetched when its end comes near, and only what is in sight is drawn. */
export function PagedTable<Row>({ query, ...props }: PagedTableProps<Row>) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isStale } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data), [data]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const isBehind = isStale && (data?.pages.length ?? 0) > 2;
  return (
    <div aria-busy={query.isFetching}>
      {isBehind && (
        <div className="sticky top-(--bar) z-20 flex justify-center border-b border-line bg-surface py-1.5">
          <Button size="sm" onClick={() => void refetch()} isBusy={query.isRefetching}>
            Show what is new
          </Button>
        </div>
      )}
      <Table
        hasKeys
        {...props}
        rows={rows}
        error={error}
        onRetry={() => void refetch()}
        onEnd={onEnd}
        footer={
          <div className="flex min-h-9 items-center justify-center gap-2 border-t border-line px-4 text-xs text-muted">
            {isFetchingNextPage ? (
              <>
                <Spinner /> Loading more
              </>
            ) : (
              <span className="figures">
                {(rows?.length ?? 0).toLocaleString('en')} {hasNextPage ? 'loaded' : 'in all'}
              </span>
            )}
          </div>
        }
      />
    </div>
  );
}
