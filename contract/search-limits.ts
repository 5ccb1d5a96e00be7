/** The most hits that one search lists, more than a person steps through; the count goes on. 2 MB of them at most. */
export const MAX_LISTED_HITS = 5_000
/** The most of a line, in UTF-16 code units, that is shown with a hit. */
export const MAX_HIT_PREVIEW = 200
