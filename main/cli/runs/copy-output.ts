import { gapMarker } from '#contract/output-gap.ts'
import { MAX_READ_BYTES } from '#contract/scheduler.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { RunId } from '#contract/run.ts'
import type { Client } from '#kit/client.ts'
import type { Output } from '../output.ts'

/** What of an output is copied: that of one attempt, from a byte on. */
export interface CopyOptions {
  readonly client: Client<ServiceContract>
  readonly id: RunId
  readonly attempt: number
  readonly from: number
  readonly output: Output
  readonly signal: AbortSignal
}

/**
 * Writes what there is of an output, byte for byte; a line stands for what was not kept.
 * @returns where it has come to.
 */
export async function copyOutput({
  client,
  id,
  attempt,
  from,
  output,
  signal,
}: CopyOptions): Promise<number> {
  let at = from
  for (;;) {
    const read = await client.call(
      'output.read',
      { id, attempt, from: at, count: MAX_READ_BYTES },
      { signal },
    )
    if (read.gone > 0) await output.write(gapMarker({ from: read.from - read.gone, to: read.from }))
    at = read.from + read.bytes.length
    if (read.bytes.length === 0) return at
    await output.write(read.bytes)
    await output.flush()
  }
}
