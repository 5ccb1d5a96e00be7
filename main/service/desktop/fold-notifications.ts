import type { Notification } from '#contract/desktop.ts'

/** The most that are told one by one within a span: more would cover the screen, and each other. */
export const MOST_AT_ONCE = 3
/** The span, in milliseconds. */
export const SPAN_MS = 10_000

/** Passes notifications on, and folds those that come too fast into one at the end of the span. */
export interface FoldedNotifications {
  add(notification: Notification): void
  close(): void
}

/** @param tell is called with each that is to be shown. */
export function foldNotifications(
  tell: (notification: Notification) => void,
  spanMs = SPAN_MS,
): FoldedNotifications {
  let told = 0
  let more = nothingMore()
  let timer: NodeJS.Timeout | undefined

  function endSpan(): void {
    timer = undefined
    told = 0
    if (more.done + more.notDone + more.others > 0) tell(more)
    more = nothingMore()
  }

  return {
    add(notification) {
      timer ??= setTimeout(endSpan, spanMs)
      if (told < MOST_AT_ONCE) {
        told += 1
        return tell(notification)
      }
      more = withOne(more, notification)
    },
    close: () => clearTimeout(timer),
  }
}

type More = Extract<Notification, { kind: 'more' }>

const nothingMore = (): More => ({ kind: 'more', done: 0, notDone: 0, others: 0 })

function withOne(more: More, one: Notification): More {
  const { done, notDone, others } = more
  switch (one.kind) {
    case 'done':
      return { ...more, done: done + 1 }
    case 'failed':
      return { ...more, notDone: notDone + 1 }
    case 'batch':
    case 'more':
      return { ...more, done: done + one.done, notDone: notDone + one.notDone }
    case 'asks':
    case 'quiet':
      return { ...more, others: others + 1 }
    default:
      return one satisfies never
  }
}
