import {
  cloneElement,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import { place } from './placement.ts';

interface Shown {
  readonly anchor: Element;
  readonly text: ReactNode;
}

const DELAY_MS = 250;
/** Time to move the pointer onto the tooltip, which may be read and selected. */
const LINGER_MS = 120;

let shown: Shown | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
function show(next: Shown | undefined, delayMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    shown = next;
    for (const listener of listeners) listener();
  }, delayMs);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

type Handlers = Partial<{
  onPointerEnter: (event: PointerEvent<HTMLElement>) => void;
  onPointerLeave: (event: PointerEvent<HTMLElement>) => void;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
  onBlur: (event: FocusEvent<HTMLElement>) => void;
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
}>;

interface TooltipProps {
  readonly text: ReactNode;
  /** What is pointed at: one element that passes handlers on. */
  readonly children: ReactElement<Handlers>;
}

/** A line more about what is pointed at or focused. Nothing is said here alone that somebody needs. */
export function Tooltip({ text, children }: TooltipProps) {
  const { props } = children;
  return cloneElement(children, {
    onPointerEnter: (event) => {
      props.onPointerEnter?.(event);
      if (event.pointerType === 'mouse') show({ anchor: event.currentTarget, text }, DELAY_MS);
    },
    onPointerLeave: (event) => {
      props.onPointerLeave?.(event);
      show(undefined, LINGER_MS);
    },
    onPointerDown: (event) => {
      props.onPointerDown?.(event);
      show(undefined, 0);
    },
    onFocus: (event) => {
      props.onFocus?.(event);
      if (event.currentTarget.matches(':focus-visible')) show({ anchor: event.currentTarget, text }, 0);
    },
    onBlur: (event) => {
      props.onBlur?.(event);
      show(undefined, 0);
    },
  });
}

/** Where the one tooltip appears; once, in the root. */
export function TooltipLayer() {
  const current = useSyncExternalStore(subscribe, () => shown);
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = layer.current;
    if (!element || !current) return;
    element.showPopover();
    place(element, current.anchor, { align: 'center', gapPx: 6, side: 'above' });
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') show(undefined, 0);
    };
    const onScroll = (): void => show(undefined, 0);
    document.addEventListener('keydown', onKey);
    window.addEventListener('scroll', onScroll, { passive: true, capture: true });
    return () => {
      if (element.isConnected && element.matches(':popover-open')) element.hidePopover();
      document.removeEventListener('keydown', onKey);
      window.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, [current]);
  return (
    <div
      ref={layer}
      popover="manual"
      role="tooltip"
      onPointerEnter={() => clearTimeout(timer)}
      onPointerLeave={() => show(undefined, LINGER_MS)}
      className="inset-auto max-w-72 rounded-md bg-ink px-2.5 py-1.5 text-xs break-words text-on-ink"
    >
      {current?.text}
    </div>
  );
}
