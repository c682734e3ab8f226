const MARGIN_PX = 8;

interface PlacementOptions {
  readonly gapPx?: number;
  readonly align?: 'start' | 'center' | 'end';
  readonly side?: 'above' | 'below';
}

/** Puts an element of the top layer beside its anchor, on the other side where there is no room, never off the screen. */
export function place(
  popup: HTMLElement,
  anchor: Element,
  { gapPx = 4, align = 'start', side = 'below' }: PlacementOptions = {},
): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const below = at.bottom + gapPx;
  const above = at.top - gapPx - height;
  const hasRoomBelow = below + height <= window.innerHeight - MARGIN_PX;
  const hasRoomAbove = above >= MARGIN_PX;
  const isBelow = side === 'below' ? hasRoomBelow || !hasRoomAbove : !hasRoomAbove;
  const wanted =
    align === 'start' ? at.left : align === 'end' ? at.right - width : at.left + (at.width - width) / 2;
  const left = Math.min(wanted, window.innerWidth - MARGIN_PX - width);
  const top = Math.min(isBelow ? below : above, window.innerHeight - MARGIN_PX - height);
  popup.style.left = `${Math.max(left, MARGIN_PX)}px`;
  popup.style.top = `${Math.max(top, MARGIN_PX)}px`;
}
