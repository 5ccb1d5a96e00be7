import { z } from 'zod'
import { runId } from './run-id.ts'

/** What somebody asked Offloop to show from outside: by a double click on a file, an argument, or a link. */
export const opening = z.discriminatedUnion('kind', [
  /** Absolute path. */
  z.object({ kind: z.literal('file'), path: z.string().min(1) }),
  /** `offloop://run/12` */
  z.object({ kind: z.literal('run'), id: runId }),
  /** A link that Offloop does not know. */
  z.object({ kind: z.literal('unknown-link'), link: z.string() }),
])
export type Opening = z.infer<typeof opening>
