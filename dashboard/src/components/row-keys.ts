import { type RefObject, useEffect, useRef } from 'react';

export const isTyping = (event: KeyboardEvent): boolean => {
  const target = event.target as HTMLElement | null;
  return target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
};

export const hasModifier = (event: KeyboardEvent): boolean => event.metaKey || event.ctrlKey || event.altKey;

/** j and k move the focus from row to row; the link that has it is followed by Enter, as any link. */
export function useRowKeys(
  body: RefObject<HTMLElement | null>,
  isOn: boolean,
  scrollTo: (index: number) => void,
): void {
  const scroll = useRef(scrollTo);
  scroll.current = scrollTo;
  useEffect(() => {
    if (!isOn) return;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.key !== 'j' && event.key !== 'k') || isTyping(event) || hasModifier(event)) return;
      if (document.querySelector('dialog[open]')) return;
      const focused = document.activeElement?.closest<HTMLElement>('[data-row]');
      const at = focused && body.current?.contains(focused) ? Number(focused.dataset.row) : undefined;
      const next = at === undefined ? firstRow(body.current) : at + (event.key === 'j' ? 1 : -1);
      event.preventDefault();
      if (focusRow(body.current, next)) return;
      // It is not drawn yet: a key that comes meanwhile goes on from where the focus is.
      scroll.current(next);
      requestAnimationFrame(() => focusRow(body.current, next));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [body, isOn]);
}

/** Where one was in a list: who comes back goes on from there. By the path of the page, as long as it is open. */
const lastRows = new Map<string, number>();

/** Whether the row is there. */
function focusRow(body: HTMLElement | null, index: number): boolean {
  const link = body?.querySelector<HTMLElement>(`[data-row="${index}"] [data-row-link]`);
  if (!link) return false;
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: 'nearest' });
  lastRows.set(location.pathname, index);
  return true;
}

function firstRow(body: HTMLElement | null): number {
  const first = Number(body?.querySelector<HTMLElement>('[data-row]')?.dataset.row ?? 0);
  return Math.max(first, lastRows.get(location.pathname) ?? first);
}
