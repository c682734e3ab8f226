import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type CSSProperties,
  memo,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { cx } from './class-names.ts';
import { Link } from './link.tsx';
import { Problem } from './problem.tsx';
import { useRowKeys } from './row-keys.ts';
import { Skeleton } from './skeleton.tsx';
import { useUrlState } from './url-state.ts';

export interface Column<Row> {
  /** Of the sort in the address as well. */
  readonly id: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  /** A track of the grid: `120px`, `minmax(0,2fr)`. */
  readonly width?: string;
  readonly align?: 'end';
  /** Amounts of several assets: units of different lengths take the same room, and the figures end on one line. */
  readonly hasUnits?: boolean;
  /** Makes the column sortable; only for lists that are there as a whole. */
  readonly sortBy?: (row: Row) => string | number;
  /** Left out on small screens, where rows are cards. */
  readonly isMinor?: boolean;
  /** In the corner of a card, beside what is first: for a short word such as the status. */
  readonly isCorner?: boolean;
}

export interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined: on their way. */
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  /** The page of a row. Its link is the first column, the whole row leads there, and so does Enter. */
  readonly pathOf?: ((row: Row) => string | undefined) | undefined;
  /** Of a row's link, before what its first column says: an amount alone names nothing. */
  readonly nameOf?: (row: Row) => string;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly empty: ReactNode;
  /** Below the last row. */
  readonly footer?: ReactNode;
  /** The end of the rows comes into sight. */
  readonly onEnd?: () => void;
  /** j and k walk the rows; for the one main list of a page. */
  readonly hasKeys?: boolean;
}

const ROW_PX = 40;
const CARD_PX = 132;
const OVERSCAN = 12;
const LOADING_LINES = 6;
/** Shorter lists are there as a whole, and the browser's own search finds all of it. */
const MIN_VIRTUAL = 120;

/** Rows with typed columns; on a small screen a row is a card. */
export function Table<Row>(props: TableProps<Row>) {
  const { rows, error, onRetry, empty, columns } = props;
  if (error != null && !rows)
    return (
      <div className="p-4">
        <Problem error={error} {...(onRetry && { onRetry })} />
      </div>
    );
  if (!rows)
    return (
      <div className="p-4">
        <Skeleton lines={LOADING_LINES} />
      </div>
    );
  if (rows.length === 0) return empty;
  const tracks = columns.map(({ width }) => trackOf(width)).join(' ');
  return <Rows {...props} rows={rows} tracks={tracks} />;
}

/** A fixed width is the most that a column takes: where there is too little room it gives some, and nothing is cut off. */
const trackOf = (width = 'minmax(0,1fr)'): string =>
  /^[\d.]+(rem|px)$/.test(width) ? `minmax(0,${width})` : width;

function Rows<Row>(props: TableProps<Row> & { readonly rows: readonly Row[]; readonly tracks: string }) {
  const { label, columns, tracks, keyOf, pathOf, nameOf, footer, onEnd, hasKeys = false } = props;
  const { sorted, sort, toggleSort } = useSorted(props.rows, columns);
  const body = useRef<HTMLDivElement>(null);
  const isVirtual = sorted.length > MIN_VIRTUAL;
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: sorted.length,
    estimateSize: () => (window.innerWidth < 640 ? CARD_PX : ROW_PX),
    overscan: OVERSCAN,
    scrollMargin: top,
    enabled: isVirtual,
    getItemKey: (index) => {
      const row = sorted[index];
      return row === undefined ? index : keyOf(row);
    },
  });
  const items = virtual.getVirtualItems();
  const shown = isVirtual ? items.map(({ index }) => index) : sorted.map((_, index) => index);
  const last = shown.at(-1) ?? 0;
  const isAtEnd = last >= sorted.length - OVERSCAN;
  useEffect(() => {
    if (isVirtual && isAtEnd) onEnd?.();
  }, [isVirtual, isAtEnd, onEnd]);
  useRowKeys(body, hasKeys, (index) => isVirtual && virtual.scrollToIndex(index));
  const before = isVirtual ? (items[0]?.start ?? top) - top : 0;
  const after = isVirtual ? virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top) : 0;
  return (
    <>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        style={{ '--tracks': tracks } as CSSProperties}
      >
        <div role="rowgroup" className="max-sm:sr-only">
          <div
            role="row"
            aria-rowindex={1}
            className="grid grid-cols-(--tracks) gap-x-5 border-b border-line px-4"
          >
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={toggleSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={body} style={{ paddingTop: before, paddingBottom: after }}>
          {shown.map((index) => {
            const row = sorted[index];
            if (row === undefined) return null;
            return (
              <TableRow
                key={keyOf(row)}
                index={index}
                columns={columns}
                row={row}
                path={pathOf?.(row)}
                name={nameOf?.(row)}
                measure={isVirtual ? virtual.measureElement : undefined}
              />
            );
          })}
        </div>
      </div>
      {!isVirtual && onEnd && <EndOfRows key={sorted.length} onSeen={onEnd} />}
      {footer}
    </>
  );
}

/** Tells when the end of a short list comes into sight. */
function EndOfRows({ onSeen }: { readonly onSeen: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSeen(), {
      rootMargin: '400px',
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [onSeen]);
  return <div ref={mark} />;
}

interface Sort {
  readonly id: string;
  readonly isDown: boolean;
}

function useSorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[]) {
  const [{ sort: named = '' }, setState] = useUrlState();
  const sort: Sort = { id: named.replace(/^-/, ''), isDown: named.startsWith('-') };
  const sortBy = columns.find(({ id }) => id === sort.id)?.sortBy;
  const sorted = useMemo(() => {
    if (!sortBy) return rows;
    const sign = sort.isDown ? -1 : 1;
    return rows.toSorted((a, b) => {
      const [left, right] = [sortBy(a), sortBy(b)];
      return left < right ? -sign : left > right ? sign : 0;
    });
  }, [rows, sortBy, sort.isDown]);
  const toggleSort = (id: string): void => {
    const next = sort.id !== id ? id : sort.isDown ? undefined : `-${id}`;
    setState({ sort: next });
  };
  return { sorted, sort, toggleSort };
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort;
  readonly onSort: (id: string) => void;
}

function Head<Row>({ column: { id, label, align, sortBy }, sort, onSort }: HeadProps<Row>) {
  const isSorted = sort.id === id;
  const Arrow = sort.isDown ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      {...(sortBy && { 'aria-sort': isSorted ? (sort.isDown ? 'descending' : 'ascending') : 'none' })}
      className={cx('flex h-9 min-w-0 items-center text-xs text-muted', align === 'end' && 'justify-end')}
    >
      {sortBy ? (
        <button
          type="button"
          className="-mx-1 flex h-6 items-center gap-1 rounded-sm px-1 hover:text-ink"
          onClick={() => onSort(id)}
        >
          {label}
          {isSorted && <Arrow size={12} aria-hidden />}
        </button>
      ) : (
        <span className="truncate">{label}</span>
      )}
    </div>
  );
}

interface TableRowProps<Row> {
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly path: string | undefined;
  readonly name: string | undefined;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

/** Drawn once, while the rows around it come and go with the scrolling. */
const TableRow = memo(DrawnRow) as typeof DrawnRow;

function DrawnRow<Row>({ index, columns, row, path, name, measure }: TableRowProps<Row>) {
  const hasCorner = columns.some(({ isCorner }) => isCorner);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: its link has the keys
    <div
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      data-row={index}
      ref={measure}
      onClick={path === undefined ? undefined : followRow}
      className={cx(
        'relative grid items-center gap-x-5 border-b border-line px-4 text-sm last:border-b-0 max-sm:gap-y-1.5 max-sm:py-3 sm:min-h-10 sm:grid-cols-(--tracks)',
        'has-[[data-row-link]:focus-visible]:bg-hover',
        path !== undefined && 'cursor-pointer hover:bg-hover',
      )}
    >
      {columns.map(({ id, label, cell, align, hasUnits, isMinor, isCorner }, column) => (
        <div
          key={id}
          role="cell"
          className={cx(
            'min-w-0',
            align === 'end' && 'sm:text-right',
            hasUnits && 'units-aligned',
            isMinor && 'max-sm:hidden',
            column === 0 && hasCorner && 'max-sm:pr-36',
            isCorner && 'max-sm:absolute max-sm:top-3 max-sm:right-4',
            column > 0 &&
              !isCorner &&
              'max-sm:grid max-sm:min-h-6 max-sm:grid-cols-[7rem_minmax(0,1fr)] max-sm:items-center max-sm:gap-2',
          )}
        >
          {column > 0 && !isCorner && (
            <span aria-hidden="true" className="text-xs text-muted sm:hidden">
              {label}
            </span>
          )}
          <div className="min-w-0 truncate">
            {column === 0 && path !== undefined ? (
              <Link
                to={path}
                look="plain"
                data-row-link=""
                className="block truncate rounded-sm leading-6 font-medium"
              >
                {name !== undefined && <span className="sr-only">{name}: </span>}
                {cell(row)}
              </Link>
            ) : (
              cell(row)
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

/** A click anywhere in the row that meets nothing else, and selects no text, follows the link of the row. */
function followRow(event: React.MouseEvent<HTMLElement>): void {
  const target = event.target as HTMLElement;
  if (target.closest('a, button, input, select') || window.getSelection()?.toString()) return;
  const link = event.currentTarget.querySelector<HTMLAnchorElement>('[data-row-link]');
  if (event.metaKey || event.ctrlKey) window.open(link?.href, '_blank', 'noopener');
  else link?.click();
}
