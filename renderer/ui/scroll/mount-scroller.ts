import { clampOffset, maxOffset, spacerHeight, toOffset, toScrollTop, type Extent } from './scroll-mapping.ts'

/** `WheelEvent.deltaMode`: lines. */
const DELTA_LINES = 1
/** `WheelEvent.deltaMode`: pages. */
const DELTA_PAGES = 2
/** The browser rounds `scrollTop` to the screen's pixels; less than this is our own doing. */
const OWN_SCROLL_TOLERANCE_PX = 1.5

export interface ScrollerOptions {
  /** The scrolling element; it holds nothing else. */
  readonly element: HTMLElement
  /** Pixels that one line of a wheel turns. */
  readonly linePx: number
  /** Draws what is in view; called at most once per frame. */
  draw(): void
  /** The person has scrolled, with the wheel or the scrollbar. */
  onUserScroll?(): void
}

/**
 * Scrolls content of any height: the offset that it keeps is the truth, and the browser's own scroll position only
 * moves the thumb. What is drawn goes into `view`, which stays where it is while the spacer behind it scrolls.
 */
export interface Scroller {
  readonly view: HTMLElement
  readonly offset: number
  readonly left: number
  readonly viewHeight: number
  readonly viewWidth: number
  /** Says how large the content is, in pixels. */
  resize(contentHeight: number, contentWidth: number): void
  scrollTo(offset: number): void
  scrollToLeft(left: number): void
  atEnd(): boolean
  /** Draws in the next frame. */
  invalidate(): void
  dispose(): void
}

export function mountScroller({ element, linePx, draw, onUserScroll }: ScrollerOptions): Scroller {
  const view = document.createElement('div')
  view.className = 'scroll-view'
  view.role = 'presentation'
  const spacer = document.createElement('div')
  spacer.className = 'scroll-spacer'
  spacer.role = 'presentation'
  spacer.append(view)
  element.replaceChildren(spacer)

  let extent: Extent = { contentPx: 0, viewPx: element.clientHeight }
  let viewWidth = element.clientWidth
  let contentWidth = 0
  let offset = 0
  let ownScrollTop = 0
  let frame = 0

  function invalidate(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      // What is hidden, such as a tab behind another, is drawn when it is seen again.
      if (extent.viewPx > 0) draw()
    })
  }

  function moveThumb(): void {
    ownScrollTop = toScrollTop(offset, extent)
    if (Math.abs(element.scrollTop - ownScrollTop) >= 1) element.scrollTop = ownScrollTop
  }

  function layOut(): void {
    spacer.style.height = `${spacerHeight(extent)}px`
    spacer.style.width = `${Math.max(contentWidth, viewWidth)}px`
    view.style.height = `${extent.viewPx}px`
    view.style.width = `${viewWidth}px`
    offset = clampOffset(offset, extent)
    moveThumb()
    invalidate()
  }

  function onScroll(): void {
    // When the view has changed its height the browser moves the thumb by itself; the offset stays, see `resizing`.
    if (element.clientHeight !== extent.viewPx) return
    if (Math.abs(element.scrollTop - ownScrollTop) > OWN_SCROLL_TOLERANCE_PX) {
      ownScrollTop = element.scrollTop
      offset = toOffset(element.scrollTop, extent)
      onUserScroll?.()
    }
    invalidate()
  }

  function onWheel(event: WheelEvent): void {
    if (event.ctrlKey) return
    const unit =
      event.deltaMode === DELTA_LINES ? linePx : event.deltaMode === DELTA_PAGES ? extent.viewPx : 1
    const sideways = event.shiftKey && event.deltaX === 0
    const down = (sideways ? 0 : event.deltaY) * unit
    const right = (sideways ? event.deltaY : event.deltaX) * unit
    event.preventDefault()
    if (right !== 0) element.scrollLeft += right
    if (down === 0) return
    scrollTo(offset + down)
    onUserScroll?.()
  }

  function scrollTo(next: number): void {
    offset = clampOffset(next, extent)
    moveThumb()
    invalidate()
  }

  const resizing = new ResizeObserver(() => {
    if (element.clientHeight === extent.viewPx && element.clientWidth === viewWidth) return
    extent = { ...extent, viewPx: element.clientHeight }
    viewWidth = element.clientWidth
    layOut()
  })
  resizing.observe(element)
  element.addEventListener('scroll', onScroll, { passive: true })
  element.addEventListener('wheel', onWheel, { passive: false })

  return {
    view,
    get offset() {
      return offset
    },
    get left() {
      return element.scrollLeft
    },
    get viewHeight() {
      return extent.viewPx
    },
    get viewWidth() {
      return viewWidth
    },
    resize(height, width) {
      if (height === extent.contentPx && width === contentWidth) return
      extent = { ...extent, contentPx: height }
      contentWidth = width
      layOut()
    },
    scrollTo,
    scrollToLeft(left) {
      element.scrollLeft = left
      invalidate()
    },
    atEnd: () => offset >= maxOffset(extent) - 1,
    invalidate,
    dispose() {
      resizing.disconnect()
      cancelAnimationFrame(frame)
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('wheel', onWheel)
      element.replaceChildren()
    },
  }
}
