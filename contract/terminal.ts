import { z } from 'zod'

/** No screen shows more, and some programs take memory for all of it. */
const MAX_SIDE = 1_000

/** In characters. */
const side = z.number().int().min(1).max(MAX_SIDE)
export const terminalSize = z.object({ columns: side, rows: side })
export type TerminalSize = z.infer<typeof terminalSize>
