import { z } from 'zod'
import { stream } from './channel.ts'
import { outputPart } from './output-part.ts'
import { runId } from './run.ts'

/** A longer search text is a mistake of the clipboard. */
const MAX_SEARCH_LENGTH = 1_000

const index = z.number().int().nonnegative()

export const searchQuery = z.object({
  text: z.string().min(1).max(MAX_SEARCH_LENGTH),
  /** `text` is a regular expression of JavaScript, matched within lines, and not to be found as it is. */
  regex: z.boolean(),
  matchCase: z.boolean(),
})
export type SearchQuery = z.infer<typeof searchQuery>

/** A place where an output has what is sought. Places and lengths are UTF-16 code units. */
export const outputHit = z.object({
  /** From 0. */
  line: index,
  /** Where in the line, as it is without its escape sequences. */
  at: index,
  length: index,
  /** The line around it, at most MAX_HIT_PREVIEW. */
  preview: z.string(),
  /** Where in the preview it begins. */
  previewAt: index,
})
export type OutputHit = z.infer<typeof outputHit>

const soFar = {
  /** All that were found, listed or not. */
  total: index,
  searchedBytes: index,
}

/** What the service answers about what is in outputs. */
export const serviceOutputSearch = {
  /**
   * Searches a whole output from its beginning, and goes on while it grows; ends when it is complete. Colours and other
   * escape sequences are not seen. Each item brings the hits that came since the one before, up to MAX_LISTED_HITS in all.
   * Within a line of more than 256 KiB, a match longer than 16 KiB may be missed. Fails with `invalid-params` when the
   * regular expression is none, with `not-found` as `output.lines` does, with `queue-full` when too many searches go on.
   */
  'output.search': stream(
    z.object({ id: runId, part: outputPart.optional(), query: searchQuery }),
    z.object({ hits: z.array(outputHit), ...soFar, bytes: index }),
    z.object(soFar),
  ),
}
