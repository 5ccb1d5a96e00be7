import { mountScroller } from '../scroll/mount-scroller.ts'
import { lineSpans } from './line-spans.ts'
import type { LogLine, LogSource, MarkedPlace } from './log-source.ts'
import { markLine, unmarkLine, type LineMarks } from './mark-line.ts'

/** Line height of the log's type. */
const LINE_PX = 20
/** Mean width of a character of the log's type, to know how far it can be scrolled sideways. */
const CHARACTER_PX = 7.9
const DIGIT_PX = 8
const NUMBER_PADDING_PX = 22
const TEXT_PADDING_PX = 24
/** Of the sign before a line, such as `2>` of standard error, and of a time such as `≤ 12:00:00.0`. */
const SIGN_PX = 22
const TIME_PX = 100
/** A place that is further to the right is brought to the middle, so that what follows it can be read. */
const REVEALED_SHARE = 0.8

/** Lines from one to another, both counted. */
export interface LineRange {
  readonly from: number
  readonly count: number
}

/** Two characters at most, and what they mean. */
export interface LineSign {
  readonly text: string
  readonly note: string
  /** How it is drawn. */
  readonly tone: 'errors' | 'some-errors' | 'removed' | 'added'
}

/** What stands between the number of a line and its text. */
export interface LogMargin {
  /** The sign before a line; undefined where there are no signs. */
  readonly sign?: ((line: LogLine) => LineSign | undefined) | undefined
  /** When a line came; undefined where no times are shown. */
  readonly time?: ((line: LogLine, before: LogLine | undefined) => string) | undefined
}

export interface LogOptions {
  /** The element that scrolls and has the keyboard; it holds nothing else. */
  readonly element: HTMLElement
  readonly source: LogSource
  formatNumber(line: number): string
  /** What is said after a line of which only the beginning is shown. */
  cutNote(bytes: number): string
  /** What is said in the place of a line that was not kept, or of the rest of one. */
  readonly goneNote: string
  /** Whether the end is being followed, whenever that has changed. */
  onFollow(following: boolean): void
  /** The person wants these lines in the clipboard; undefined when none are selected. */
  onCopy(range: LineRange | undefined): void
}

/** A drawn log. */
export interface Log {
  /** Stays at the end as lines come, or stops doing so. */
  follow(following: boolean): void
  readonly selection: LineRange | undefined
  /** The line at the top, from 0. */
  readonly firstLine: number
  /** Brings a line into view and stops following; sideways too, when a column is given. */
  reveal(line: number, column?: number): void
  /** Brings a line into view and selects it. */
  select(line: number): void
  /** Says which places of lines are to be marked, and draws them anew; undefined for none. */
  mark(places: ((line: number, text: string) => readonly MarkedPlace[]) | undefined): void
  /** Says what stands before the text of lines. */
  margin(margin: LogMargin): void
  dispose(): void
}

interface LineElement {
  readonly element: HTMLElement
  readonly number: HTMLElement
  readonly sign: HTMLElement
  readonly time: HTMLElement
  readonly text: HTMLElement
  /** What is drawn now, so that it is not drawn again. */
  drawn: LogLine | undefined
  marks: LineMarks | undefined
  /** The number of the line and of the call of `mark` that the marks are of. */
  markedAs: string
}

/** Draws lines of output with a fixed set of elements; following the end stops when the person scrolls up. */
export function mountLog(options: LogOptions): Log {
  const { element, source } = options
  const scroller = mountScroller({
    element,
    linePx: LINE_PX,
    draw,
    // Scrolling up is how a person stops following, scrolling to the end is how they begin again.
    onUserScroll: () => setFollowing(scroller.atEnd()),
  })
  const lines: LineElement[] = []
  let following = true
  let widest = 0
  let anchor: number | undefined
  let head: number | undefined
  let marked: ((line: number, text: string) => readonly MarkedPlace[]) | undefined
  let markings = 0
  let margin: LogMargin = {}

  function makeLine(): LineElement {
    const line = document.createElement('div')
    line.className = 'log-line'
    const number = document.createElement('span')
    number.className = 'log-number'
    number.ariaHidden = 'true'
    const time = document.createElement('span')
    time.className = 'log-time'
    const sign = document.createElement('span')
    sign.className = 'log-sign'
    const text = document.createElement('span')
    text.className = 'log-text'
    line.append(number, time, sign, text)
    scroller.view.append(line)
    return { element: line, number, sign, time, text, drawn: undefined, marks: undefined, markedAs: '' }
  }

  function numberPx(): number {
    return Math.max(3, options.formatNumber(source.lineCount).length) * DIGIT_PX + NUMBER_PADDING_PX
  }

  function marginPx(): number {
    return numberPx() + (margin.time ? TIME_PX : 0) + (margin.sign ? SIGN_PX : 0)
  }

  function measure(): void {
    const width = marginPx() + TEXT_PADDING_PX + widest * CHARACTER_PX
    scroller.resize(source.lineCount * LINE_PX, width)
    if (following) scroller.scrollTo(source.lineCount * LINE_PX)
  }

  function draw(): void {
    if (following && !scroller.atEnd()) scroller.scrollTo(source.lineCount * LINE_PX)
    const visible = Math.ceil(scroller.viewHeight / LINE_PX) + 1
    source.follow(following ? visible : undefined)
    const first = Math.floor(scroller.offset / LINE_PX)
    const end = Math.min(first + visible, source.lineCount)
    const selection = selected()
    while (lines.length < visible) lines.push(makeLine())
    source.show(first, end - first)
    for (let slot = 0; slot < lines.length; slot += 1) {
      const target = lines[slot]
      if (!target) continue
      const line = first + ((slot - (first % lines.length) + lines.length) % lines.length)
      target.element.hidden = line >= end
      if (line < end) drawLine(target, line, selection)
    }
  }

  function drawLine(target: LineElement, line: number, selection: LineRange | undefined): void {
    const { element: row, number, text } = target
    row.dataset['line'] = String(line)
    row.style.transform = `translateY(${line * LINE_PX - scroller.offset}px)`
    const isSelected =
      selection !== undefined && line >= selection.from && line < selection.from + selection.count
    row.classList.toggle('selected', isSelected)
    number.style.width = `${numberPx()}px`
    text.style.insetInlineStart = `${marginPx()}px`
    text.style.transform = `translateX(${-scroller.left}px)`
    const content = source.line(line)
    number.textContent =
      content?.change === 'skipped' ? '' : options.formatNumber((content?.number ?? line) + 1)
    row.dataset['change'] = content?.change ?? ''
    drawMargin(target, content, line > 0 ? source.line(line - 1) : undefined)
    row.classList.toggle('waiting', !content)
    if (content !== target.drawn || !content) {
      target.drawn = content
      target.markedAs = ''
      text.replaceChildren(...(content ? nodesOf(content) : []))
      if (content && content.text.length > widest) {
        widest = content.text.length
        measure()
      }
    }
    drawMarks(target, line)
  }

  function drawMargin(
    { sign, time }: LineElement,
    content: LogLine | undefined,
    before: LogLine | undefined,
  ) {
    time.hidden = !margin.time
    sign.hidden = !margin.sign
    if (margin.time) {
      time.style.insetInlineStart = `${numberPx()}px`
      time.style.width = `${TIME_PX}px`
      time.textContent = content ? margin.time(content, before) : ''
    }
    if (margin.sign) {
      const shown = content && margin.sign(content)
      sign.style.insetInlineStart = `${marginPx() - SIGN_PX}px`
      sign.style.width = `${SIGN_PX}px`
      sign.textContent = shown?.text ?? ''
      sign.title = shown?.note ?? ''
      sign.dataset['tone'] = shown?.tone ?? ''
    }
  }

  function drawMarks(target: LineElement, line: number): void {
    const markedAs = `${line} ${markings}`
    if (target.markedAs === markedAs) return
    target.markedAs = markedAs
    unmarkLine(target.marks)
    target.marks = marked && markLine(target.text, (text) => marked?.(line, text) ?? [])
  }

  function reveal(line: number, column?: number): void {
    setFollowing(false)
    const top = line * LINE_PX
    const inView = top >= scroller.offset && top + LINE_PX <= scroller.offset + scroller.viewHeight
    if (!inView) scroller.scrollTo(top - (scroller.viewHeight - LINE_PX) / 2)
    if (column !== undefined) {
      const left = column * CHARACTER_PX
      const width = scroller.viewWidth - marginPx() - TEXT_PADDING_PX
      if (left < scroller.left || left > scroller.left + width * REVEALED_SHARE)
        scroller.scrollToLeft(Math.max(0, left - width / 2))
    }
    scroller.invalidate()
  }

  function nodesOf(content: LogLine): Node[] {
    const nodes: Node[] = lineSpans(content.text).map(({ text, classes, color, background }) => {
      if (classes.length === 0 && !color && !background) return document.createTextNode(text)
      const span = document.createElement('span')
      span.className = classes.join(' ')
      if (color) span.style.color = color
      if (background) span.style.background = background
      span.textContent = text
      return span
    })
    if (content.cutFrom !== null) nodes.push(noteOf(options.cutNote(content.cutFrom)))
    if (content.gone) nodes.push(noteOf(options.goneNote))
    return nodes
  }

  function noteOf(words: string): HTMLElement {
    const note = document.createElement('span')
    note.className = 'log-cut'
    note.textContent = words
    return note
  }

  function setFollowing(next: boolean): void {
    if (following === next) return
    following = next
    options.onFollow(next)
    scroller.invalidate()
  }

  function selected(): LineRange | undefined {
    if (anchor === undefined || head === undefined) return undefined
    return { from: Math.min(anchor, head), count: Math.abs(anchor - head) + 1 }
  }

  function onPointerDown(event: PointerEvent): void {
    const number = event.target instanceof Element ? event.target.closest('.log-number') : null
    const line = number?.parentElement?.dataset['line']
    if (line === undefined) {
      anchor = head = undefined
    } else {
      head = Number(line)
      if (!event.shiftKey || anchor === undefined) anchor = head
    }
    scroller.invalidate()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey
    const page = scroller.viewHeight - LINE_PX
    if (control && event.key.toLowerCase() === 'c') {
      // Text that is selected on screen is copied by the browser itself.
      if (document.getSelection()?.isCollapsed === false) return
      event.preventDefault()
      return options.onCopy(selected())
    }
    const next = offsetAfterKey(event.key, control, page)
    if (next === undefined) return
    event.preventDefault()
    scroller.scrollTo(next)
    setFollowing(scroller.atEnd())
  }

  function offsetAfterKey(key: string, control: boolean, page: number): number | undefined {
    switch (key) {
      case 'ArrowUp':
        return scroller.offset - LINE_PX
      case 'ArrowDown':
        return scroller.offset + LINE_PX
      case 'PageUp':
        return scroller.offset - page
      case 'PageDown':
        return scroller.offset + page
      case 'Home':
        return control ? 0 : undefined
      case 'End':
        return control ? source.lineCount * LINE_PX : undefined
      default:
        return undefined
    }
  }

  function onChange(): void {
    measure()
    scroller.invalidate()
  }

  element.addEventListener('pointerdown', onPointerDown)
  element.addEventListener('keydown', onKeyDown)
  const unsubscribe = source.subscribe(onChange)
  onChange()

  return {
    follow(next) {
      setFollowing(next)
      if (next) scroller.scrollTo(source.lineCount * LINE_PX)
    },
    get selection() {
      return selected()
    },
    get firstLine() {
      return Math.floor(scroller.offset / LINE_PX)
    },
    reveal,
    select(line) {
      anchor = head = line
      reveal(line, 0)
    },
    mark(places) {
      marked = places
      markings += 1
      scroller.invalidate()
    },
    margin(next) {
      margin = next
      onChange()
    },
    dispose() {
      for (const { marks } of lines) unmarkLine(marks)
      unsubscribe()
      scroller.dispose()
      element.removeEventListener('pointerdown', onPointerDown)
      element.removeEventListener('keydown', onKeyDown)
    },
  }
}
