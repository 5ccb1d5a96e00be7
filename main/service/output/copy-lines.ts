import { open } from 'node:fs/promises'
import { gapMarker, type OutputGap } from '#contract/output-gap.ts'
import { MAX_COPY_BYTES } from '#contract/service.ts'
import { failed } from '#kit/request-failed.ts'
import { goneLines } from './gap/gone-lines.ts'
import type { LineCounts } from './line-counts.ts'
import { readAt, startOfLine } from './read-lines.ts'

/**
 * The exact text of lines `from` to `from + count`, with the marker in the place of what was not kept.
 * @throws RequestFailed `invalid-params` when it is more than MAX_COPY_BYTES.
 */
export async function copyLines(
  path: string,
  counts: LineCounts,
  gap: OutputGap | undefined,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<string> {
  if (from >= counts.lines) return ''
  const gone = gap && goneLines(counts, gap)
  const isGone = (line: number): boolean => gone !== undefined && line > gone.first && line <= gone.last
  const file = await open(path)
  try {
    const start = isGone(from) ? (gap?.from ?? 0) : await startOfLine(file, counts, from)
    const next = from + count
    const end =
      next > counts.newlines
        ? counts.bytes
        : isGone(next)
          ? (gap?.to ?? 0)
          : await startOfLine(file, counts, next)
    const cut = gap && start < gap.to && end > gap.from ? gap : undefined
    const before = { from: start, to: cut ? Math.max(start, cut.from) : end }
    const after = { from: cut ? cut.to : end, to: Math.max(end, cut?.to ?? end) }
    const bytes = before.to - before.from + after.to - after.from
    if (bytes > MAX_COPY_BYTES)
      throw failed(
        'invalid-params',
        `These lines have ${bytes} bytes, and the clipboard takes ${MAX_COPY_BYTES} at once. Select fewer, or ` +
          'open the output file itself.',
      )
    const read = (part: typeof before): Promise<Buffer> => readAt(file, part.from, part.to - part.from)
    const marker = Buffer.from(cut ? gapMarker(cut) : '')
    return Buffer.concat([await read(before), marker, await read(after)]).toString('utf8')
  } finally {
    await file.close()
  }
}
