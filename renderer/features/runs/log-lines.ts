import { shallowRef, type ShallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'
import type { OutputLine, OutputStatus } from '#contract/service.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService } from '../../ipc/ask.ts'
import { follow } from '../../ipc/follow.ts'
import { serviceSession } from '../../ipc/sessions.ts'
import { perFrame } from '../../pacing/per-frame.ts'
import { makePageCache } from '../../paging/page-cache.ts'
import type { LogSource } from '../../ui/log/log-source.ts'

/** Lines fetched at once: a few screens. */
const PAGE_LINES = 200
/** Pages kept: 8,000 lines, at most 32 MB when every one of them is cut at 4 KB. */
const KEPT_PAGES = 40

/** The output of one command, followed while it grows. */
export interface LogLines extends LogSource {
  readonly status: Readonly<ShallowRef<OutputStatus | undefined>>
  /** Why the output could not be read; undefined while all is well. */
  readonly trouble: Readonly<ShallowRef<string | undefined>>
  dispose(): void
}

export function followLog(id: RunId): LogLines {
  const status = shallowRef<OutputStatus>()
  const trouble = shallowRef<string>()
  const listeners = new Set<() => void>()

  const changed = perFrame(() => {
    for (const listener of listeners) listener()
  })

  const pages = makePageCache<readonly OutputLine[]>({
    pageSize: PAGE_LINES,
    capacity: KEPT_PAGES,
    async fetch(from, count, signal) {
      const { lines } = await askService('output.lines', { id, from, count }, { signal })
      return { count: lines.length, content: lines }
    },
    onPage() {
      trouble.value = undefined
      changed()
    },
    onFailure: (error) => (trouble.value = failureOf(error).message),
  })

  function take(next: OutputStatus): void {
    const before = status.value
    status.value = next
    // A last line without an end, such as a progress bar, is written on without another line beginning.
    if (before && before.bytes !== next.bytes) pages.distrustLast(before.lines)
    changed()
  }

  const unfollow = follow(serviceSession, {
    open: (client, signal) => client.stream('output.watch', { id }, { signal, credit: 1 }),
    onItem: take,
    onEnd: take,
    onTrouble: (failure) => (trouble.value = failure.message),
  })

  return {
    status,
    trouble,
    get lineCount() {
      return status.value?.lines ?? 0
    },
    line(line) {
      const found = pages.find(line)
      return found?.content[found.offset]
    },
    show(first, count) {
      pages.show(first, count, status.value?.lines ?? 0)
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    dispose() {
      unfollow()
      pages.dispose()
      listeners.clear()
    },
  }
}
