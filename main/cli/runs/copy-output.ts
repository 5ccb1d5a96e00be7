import { gapMarker } from '#contract/output-gap.ts'
import type { OutputPart } from '#contract/output-part.ts'
import { MAX_READ_BYTES } from '#contract/output-read.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { RunId } from '#contract/run.ts'
import type { Client } from '#kit/client.ts'
import type { Output } from '../output.ts'
import type { Stamp } from './stamp-lines.ts'

/** What of an output is copied: that of one attempt, from a byte on. */
export interface CopyOptions {
  readonly client: Client<ServiceContract>
  readonly id: RunId
  readonly attempt: number
  readonly from: number
  readonly output: Output
  /** Everything unless it is given. */
  readonly part?: OutputPart | undefined
  /** Where standard error goes, or that it is left out, where it is told apart: unless it is given, among the other. */
  readonly errors?: Output | 'left out' | undefined
  /** Puts before each line when it came. */
  readonly stamp?: Stamp | undefined
  readonly signal: AbortSignal
}

/**
 * Writes what there is of an output, byte for byte; a line stands for what was not kept.
 * @returns where it has come to.
 */
export async function copyOutput(options: CopyOptions): Promise<number> {
  const { client, id, attempt, part, from, output, errors, stamp, signal } = options
  const others = errors === 'left out' ? undefined : (errors ?? output)
  let at = from
  for (;;) {
    const asked = { id, attempt, part, from: at, count: MAX_READ_BYTES, times: stamp !== undefined }
    const read = await client.call('output.read', asked, { signal })
    if (read.gone > 0) await output.write(gapMarker({ from: read.from - read.gone, to: read.from }))
    if (read.bytes.length === 0) return read.from
    const write = async (to: Output | undefined, begin: number, next: number): Promise<void> => {
      const bytes = read.bytes.subarray(begin - read.from, next - read.from)
      if (!stamp) await to?.write(bytes)
      else if (to) for (const piece of stamp(bytes, begin, read.times)) await to.write(piece)
    }
    const end = read.from + read.bytes.length
    at = read.from
    for (const [begin, next] of [...read.errors, [end, end]] as const) {
      await write(output, at, begin)
      await write(others, begin, next)
      at = next
    }
    await output.flush()
    await others?.flush()
  }
}
