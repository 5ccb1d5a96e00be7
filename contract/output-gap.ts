import { z } from 'zod'

const index = z.number().int().nonnegative()

/** The stretch of an output that was not kept, because its log had become too large; what surrounds it is whole. */
export const outputGap = z.object({
  /** Its first byte, and the one after its last. */
  from: index,
  to: index,
  /** Newlines that were in it. */
  newlines: index,
})
export type OutputGap = z.infer<typeof outputGap>

/** Stands for the missing bytes wherever an output is copied, written or saved. */
export function gapMarker({ from, to }: Pick<OutputGap, 'from' | 'to'>): string {
  return `\n[Offloop: ${to - from} bytes of this output were not kept, because its log had reached its limit.]\n`
}
