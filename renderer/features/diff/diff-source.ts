import { perFrame } from '../../pacing/per-frame.ts'
import { makePageCache } from '../../paging/page-cache.ts'
import type { LogLine, LogSource } from '../../ui/log/log-source.ts'
import type { DiffRows } from './diff-rows.ts'
import { readRows, type DiffSides } from './read-rows.ts'

/** Rows read at once: a few screens. */
const PAGE_ROWS = 200
/** 8,000 rows. */
const KEPT_PAGES = 40

export interface DiffSource extends LogSource {
  dispose(): void
}

/** The rows of a comparison as lines of a log. */
export function diffSource(
  sides: DiffSides,
  rows: DiffRows,
  skipped: (lines: number) => string,
  onFailure: (error: unknown) => void,
): DiffSource {
  const listeners = new Set<() => void>()
  const changed = perFrame(() => {
    for (const listener of listeners) listener()
  })
  const pages = makePageCache<readonly LogLine[]>({
    pageSize: PAGE_ROWS,
    capacity: KEPT_PAGES,
    async fetch(first, count, signal) {
      const content = await readRows(sides, rows, [first, count], skipped, signal)
      return { count: content.length, content }
    },
    onPage: changed,
    onFailure,
  })
  return {
    lineCount: rows.count,
    line(row) {
      const found = pages.find(row)
      return found?.content[found.offset]
    },
    show: (first, count) => pages.show(first, count, rows.count),
    follow: () => undefined,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    dispose() {
      pages.dispose()
      listeners.clear()
    },
  }
}
