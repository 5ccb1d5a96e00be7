import type { RunId } from '#contract/run.ts'
import { MAX_LINES_PER_PAGE, type OutputLine } from '#contract/service.ts'
import { askService } from '../../ipc/ask.ts'
import type { LogLine } from '../../ui/log/log-source.ts'
import type { DiffRows } from './diff-rows.ts'

/** The runs whose outputs are compared. */
export interface DiffSides {
  readonly before: RunId
  readonly after: RunId
}

/** Lines of one output that are so near to each other are read at once, with those between them. */
const NEAR_LINES = 100

/** Reads rows of a comparison. @param skipped what stands for so many equal lines. @throws RequestFailed */
export async function readRows(
  { before, after }: DiffSides,
  rows: DiffRows,
  [first, count]: readonly [number, number],
  skipped: (lines: number) => string,
  signal: AbortSignal,
): Promise<LogLine[]> {
  const parts = rows.between(first, count).map(({ kind, row, rows: many, line, lines }) => {
    const from = Math.max(first, row)
    const shown = Math.min(first + count, row + many) - from
    return { kind, lines, from: line + from - row, count: kind === 'skipped' ? 0 : shown }
  })
  const [removed, others] = await Promise.all([
    readLines(
      before,
      parts.filter(({ kind }) => kind === 'removed'),
      signal,
    ),
    readLines(
      after,
      parts.filter(({ kind }) => kind !== 'removed'),
      signal,
    ),
  ])
  return parts.flatMap((part): LogLine[] => {
    if (part.kind === 'skipped') return [{ text: skipped(part.lines), cutFrom: null, change: 'skipped' }]
    const known = part.kind === 'removed' ? removed : others
    const change = part.kind === 'same' ? undefined : part.kind
    return Array.from({ length: part.count }, (_, at): LogLine => {
      const number = part.from + at
      return { ...(known.get(number) ?? { text: '', cutFrom: null }), change, number }
    })
  })
}

/** Reads stretches of lines, in rising order. */
async function readLines(
  id: RunId,
  stretches: readonly { readonly from: number; readonly count: number }[],
  signal: AbortSignal,
): Promise<Map<number, OutputLine>> {
  const wanted: { from: number; to: number }[] = []
  for (const { from, count } of stretches) {
    const last = wanted.at(-1)
    if (count === 0) continue
    if (last && from - last.to <= NEAR_LINES && from + count - last.from <= MAX_LINES_PER_PAGE)
      last.to = from + count
    else wanted.push({ from, to: from + count })
  }
  const known = new Map<number, OutputLine>()
  await Promise.all(
    wanted.map(async ({ from, to }) => {
      const { lines } = await askService('output.lines', { id, from, count: to - from }, { signal })
      lines.forEach((line, at) => known.set(from + at, line))
    }),
  )
  return known
}
