import { z } from 'zod'

/** Bytes in a message. They must fill their buffer: a structured clone copies the whole buffer behind a view. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
