import { open, type FileHandle } from 'node:fs/promises'
import { MAX_PREVIEW_BYTES, type ServiceContract } from '#contract/service.ts'
import type { OutputGap } from '#contract/output-gap.ts'
import type { ResultOf } from '#contract/channel.ts'
import { goneLines } from './gap/gone-lines.ts'
import { STRETCH_BYTES, type LineCounts } from './line-counts.ts'
import { wholeCharacters } from './whole-characters.ts'

export type LinesPage = ResultOf<ServiceContract, 'output.lines'> & {
  /**
   * Where the lines of the page are in the output: first byte, and the one after the last with its
   * line end; none of what is gone.
   */
  readonly spans: readonly (readonly [from: number, to: number] | undefined)[]
}

const NEWLINE = 0x0a

/**
 * Reads lines `from` to `from + count`, fewer at the end. Whatever their size, memory stays at the page's own: a longer
 * line is read up to its preview only, and its end is found in the index.
 * Of lines in the gap nothing is read, and of the one that it cuts only what is before it.
 * @param page `growing` tells whether more may be written, so that a character at the very end may be half there.
 */
export async function readLines(
  path: string,
  counts: LineCounts,
  page: {
    readonly from: number
    readonly count: number
    readonly growing: boolean
    readonly gap?: OutputGap | undefined
  },
): Promise<LinesPage> {
  const { from } = page
  // The count goes on while this reads; the page is of what is known now.
  const known = { lines: counts.lines, newlines: counts.newlines, bytes: counts.bytes }
  const until = Math.min(from + page.count, known.lines)
  const lines: LinesPage['lines'] = []
  const spans: LinesPage['spans'][number][] = []
  if (from >= until) return { from, lines, spans }

  const gone = page.gap && { ...goneLines(counts, page.gap), from: page.gap.from, to: page.gap.to }
  const isGone = (line: number): boolean => gone !== undefined && line > gone.first && line <= gone.last
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const file = await open(path)
  try {
    let start = isGone(from) ? 0 : await startOfLine(file, counts, from)
    let window = { at: start, bytes: await readAt(file, start, Math.min(STRETCH_BYTES, known.bytes - start)) }
    for (let line = from; line < until; line++) {
      if (isGone(line)) {
        lines.push({ text: '', cutFrom: null, gone: 'all' })
        spans.push(undefined)
        if (!isGone(line + 1) && line + 1 < until) start = await startOfLine(file, counts, line + 1)
        continue
      }
      const needed = Math.min(MAX_PREVIEW_BYTES + 1, known.bytes - start)
      if (start + needed > window.at + window.bytes.length)
        window = { at: start, bytes: await readAt(file, start, Math.min(STRETCH_BYTES, known.bytes - start)) }
      const rest = window.bytes.subarray(start - window.at)
      if (line === gone?.first) {
        const kept = rest.subarray(0, Math.min(MAX_PREVIEW_BYTES, gone.from - start))
        const text = decoder.decode(wholeCharacters(kept))
        lines.push({ text, cutFrom: null, gone: start === gone.from ? 'all' : 'rest' })
        spans.push([start, gone.from])
        if (gone.last === gone.first && line + 1 < until) start = await startOfLine(file, counts, line + 1)
        continue
      }
      const newline = rest.indexOf(NEWLINE)
      const end = newline >= 0 ? start + newline : await endOfLine(file, counts, line, known)
      const size = end - start
      const cut = size > MAX_PREVIEW_BYTES
      const half = cut || (page.growing && end === known.bytes)
      const preview = rest.subarray(0, Math.min(size, MAX_PREVIEW_BYTES))
      lines.push({
        text: decoder.decode(half ? wholeCharacters(preview) : preview),
        cutFrom: cut ? size : null,
      })
      spans.push([start, line < known.newlines ? end + 1 : end])
      start = end + 1
    }
    return { from, lines, spans }
  } finally {
    await file.close()
  }
}

/** The offset at which a line begins. */
export async function startOfLine(file: FileHandle, counts: LineCounts, line: number): Promise<number> {
  if (line === 0) return 0
  const { stretch, before } = counts.stretchOfNewline(line)
  const at = stretch * STRETCH_BYTES
  const bytes = await readAt(file, at, Math.min(STRETCH_BYTES, counts.bytes - at))
  let newline = -1
  for (let left = line - before; left > 0; left--) {
    newline = bytes.indexOf(NEWLINE, newline + 1)
    if (newline < 0) throw new Error('The index of an output does not fit its file.')
  }
  return at + newline + 1
}

async function endOfLine(
  file: FileHandle,
  counts: LineCounts,
  line: number,
  known: { readonly newlines: number; readonly bytes: number },
): Promise<number> {
  return line < known.newlines ? (await startOfLine(file, counts, line + 1)) - 1 : known.bytes
}

/** Reads exactly so many bytes, or as many as there are. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
