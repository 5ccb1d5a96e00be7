/**
 * The tallest spacer. Chromium stops laying out at 33,554,428 px and loses precision long before; at 8 million every
 * pixel of scrolling is still exact.
 */
const MAX_SPACER_PX = 8_000_000

/** What is scrolled: its full height and the height of the part in view, in pixels. */
export interface Extent {
  readonly contentPx: number
  readonly viewPx: number
}

/** The height of the spacer that gives the scrollbar its size. */
export function spacerHeight({ contentPx, viewPx }: Extent): number {
  return Math.max(viewPx, Math.min(contentPx, MAX_SPACER_PX))
}

/** The largest offset into the content. */
export function maxOffset({ contentPx, viewPx }: Extent): number {
  return Math.max(0, contentPx - viewPx)
}

/** An offset brought into what is possible. */
export function clampOffset(offset: number, extent: Extent): number {
  return Math.min(Math.max(0, offset), maxOffset(extent))
}

/** Where the scrollbar stands for an offset; the same number as long as the content is not taller than the spacer. */
export function toScrollTop(offset: number, extent: Extent): number {
  const most = maxOffset(extent)
  if (most === 0) return 0
  const mostScrollTop = spacerHeight(extent) - extent.viewPx
  return mostScrollTop === most ? offset : (offset / most) * mostScrollTop
}

/** The offset for a place of the scrollbar: its ends are exactly the ends of the content. */
export function toOffset(scrollTop: number, extent: Extent): number {
  const most = maxOffset(extent)
  const mostScrollTop = spacerHeight(extent) - extent.viewPx
  if (mostScrollTop <= 0) return 0
  if (mostScrollTop === most) return clampOffset(scrollTop, extent)
  // A browser may stop up to a pixel before the end.
  if (scrollTop >= mostScrollTop - 1) return most
  return clampOffset((scrollTop / mostScrollTop) * most, extent)
}
