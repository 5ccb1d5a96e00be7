import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call } from './channel.ts'
import { outputPart } from './output-part.ts'
import { runId } from './run-id.ts'

/** The most bytes of output that one `output.read` answers. */
export const MAX_READ_BYTES = 1024 * 1024

const index = z.number().int().nonnegative()

/** What the service answers of the bytes of outputs. */
export const serviceOutputRead = {
  /**
   * The very bytes of an attempt's output, fewer at the end and before what was not kept; none when it has not been started.
   */
  'output.read': call(
    z.object({
      id: runId,
      /** Its number; the present one unless it is given. */
      attempt: z.number().int().positive().optional(),
      /** Everything unless it is given. */
      part: outputPart.optional(),
      from: index,
      count: z.number().int().min(1).max(MAX_READ_BYTES),
      /** Say when the bytes arrived. */
      times: z.boolean().optional(),
    }),
    z.object({
      bytes,
      /** Where they begin: later than asked for within what was not kept, */
      from: index,
      /** which had so many bytes; 0 elsewhere. */
      gone: index,
      /** Where among them standard error is: first byte and the one after the last, from the beginning of the output. */
      errors: z.array(z.tuple([index, index])),
      /**
       * How many bytes there were by then, from the beginning of the output, and not before and not after which moment those
       * had come that had not come before, in milliseconds since 1970; as far as that is known.
       */
      times: z.array(z.tuple([index, z.number(), z.number()])),
      /** What there is by now. */
      size: index,
    }),
  ),
}
