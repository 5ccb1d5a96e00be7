import { z } from 'zod'

/** A text is kept with its run, which windows hold in memory; whatever is longer is better in a file. UTF-16 code units. */
const MAX_TEXT_LENGTH = 1_000_000
/** Linux takes no longer path. */
const MAX_PATH_LENGTH = 4_096

/** What a command reads on its standard input; nothing unless it is given. */
export const standardInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string().max(MAX_TEXT_LENGTH) }),
  /** The bytes of a file, by its absolute path. */
  z.object({ kind: z.literal('file'), path: z.string().min(1).max(MAX_PATH_LENGTH) }),
  /** Whatever is sent to it while it runs, until somebody closes it. It outlives Offloop with what was taken. */
  z.object({ kind: z.literal('open') }),
])
export type StandardInput = z.infer<typeof standardInput>
