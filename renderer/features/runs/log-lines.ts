import { shallowRef, watchEffect, type ShallowRef } from 'vue'
import type { OutputPart } from '#contract/output-part.ts'
import type { RunId } from '#contract/run.ts'
import type { OutputLine, OutputStatus } from '#contract/service.ts'
import { askService } from '../../ipc/ask.ts'
import { follow } from '../../ipc/follow.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { serviceSession } from '../../ipc/sessions.ts'
import { atMostEvery } from '../../pacing/at-most-every.ts'
import { perFrame } from '../../pacing/per-frame.ts'
import { makePageCache, type PageCache } from '../../paging/page-cache.ts'
import type { LogSource } from '../../ui/log/log-source.ts'

/** Lines fetched at once: a few screens. */
const PAGE_LINES = 200
/** Pages kept: 8,000 lines, at most 32 MB when every one of them is cut at 4 KB. */
const KEPT_PAGES = 40
/** Least time between two looks at a growing end: fresher than an eye can follow, and a rest for the page. */
const LOOK_EVERY_MS = 80

/** The output of one command, followed while it grows. */
export interface LogLines extends LogSource {
  readonly status: Readonly<ShallowRef<OutputStatus | undefined>>
  /** Why the output could not be read; undefined while all is well. */
  readonly trouble: Readonly<ShallowRef<string | undefined>>
  /** Whether lines are asked for with the moments at which they came. */
  showTimes(shown: boolean): void
  dispose(): void
}

/** @param hasBegun whether there can be any output: nothing is asked before. */
export function followLog(id: RunId, hasBegun: () => boolean, part: OutputPart = 'all'): LogLines {
  const status = shallowRef<OutputStatus>()
  const trouble = shallowRef<string>()
  const listeners = new Set<() => void>()

  const changed = perFrame(() => {
    for (const listener of listeners) listener()
  })

  let times = false
  const makePages = (): PageCache<readonly OutputLine[]> =>
    makePageCache({
      pageSize: PAGE_LINES,
      capacity: KEPT_PAGES,
      async fetch(from, count, signal) {
        const { lines } = await askService('output.lines', { id, part, from, count, times }, { signal })
        return { count: lines.length, content: lines }
      },
      onPage() {
        trouble.value = undefined
        changed()
      },
      onFailure: (error) => (trouble.value = messageOf(error)),
    })
  let pages = makePages()

  /** What the service said last; shown and acted on at the page's own pace. */
  let latest: OutputStatus | undefined
  /** The end as it was fetched last, and the size that the output had then. */
  let tail:
    { readonly from: number; readonly lines: readonly OutputLine[]; readonly bytes: number } | undefined
  let lineCount = 0
  let linesInView: number | undefined
  let fetchingTail: AbortController | undefined

  function take(next: OutputStatus): void {
    latest = next
    look.request()
  }

  const look = atMostEvery(LOOK_EVERY_MS, () => {
    if (!latest) return
    const before = status.value
    status.value = latest
    // A last line without an end, such as a progress bar, is written on without another line beginning.
    if (before && before.bytes !== latest.bytes) pages.distrustLast(before.lines)
    if (linesInView === undefined) showAll(latest)
    else void fetchTail(latest, linesInView)
  })

  function showAll({ lines }: OutputStatus): void {
    lineCount = lines
    changed()
  }

  async function fetchTail({ lines, bytes }: OutputStatus, count: number): Promise<void> {
    if (fetchingTail || lines === 0 || (tail?.bytes === bytes && tail.lines.length >= Math.min(count, lines)))
      return
    const { signal } = (fetchingTail = new AbortController())
    const from = Math.max(0, lines - count)
    try {
      const asked = { id, part, from, count: lines - from, times }
      const fetched = await askService('output.lines', asked, { signal })
      tail = { from, lines: fetched.lines, bytes }
      lineCount = Math.max(lineCount, from + fetched.lines.length)
      trouble.value = undefined
      changed()
    } catch (error) {
      if (!signal.aborted) trouble.value = messageOf(error)
    } finally {
      fetchingTail = undefined
    }
    // It has grown meanwhile.
    if (latest && latest.bytes !== bytes) look.request()
  }

  const session: typeof serviceSession = shallowRef()
  watchEffect(() => (session.value = hasBegun() ? serviceSession.value : undefined))
  const unfollow = follow(session, {
    open: (client, signal) => client.stream('output.watch', { id, part }, { signal, credit: 1 }),
    onItem: take,
    onEnd: take,
    onTrouble: (failure) => (trouble.value = failure.message),
  })

  return {
    status,
    trouble,
    get lineCount() {
      return lineCount
    },
    line(line) {
      if (tail && line >= tail.from && line < tail.from + tail.lines.length)
        return tail.lines[line - tail.from]
      const found = pages.find(line)
      return found?.content[found.offset]
    },
    show(first, count) {
      if (tail && first >= tail.from) return
      pages.show(first, count, lineCount)
    },
    showTimes(next) {
      if (next === times) return
      times = next
      pages.dispose()
      pages = makePages()
      tail = undefined
      changed()
      look.request()
    },
    follow(count) {
      if (count === linesInView) return
      linesInView = count
      if (count === undefined && latest) {
        tail = undefined
        showAll(latest)
      } else look.request()
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    dispose() {
      unfollow()
      look.dispose()
      fetchingTail?.abort()
      pages.dispose()
      listeners.clear()
    },
  }
}
