import type { SearchQuery } from '#contract/output-search.ts'

/**
 * What a line that reports an error has in it, in any case:
 *
 * - `error`, `fatal`, `panic`, `exception`, `failure`, `failed`, `critical`, also within names such as `TypeError` or
 *   `NullPointerException`, and in the plural, but not `0 errors`, `no error`, `errors: 0`, `error-free` or `-Werror`;
 * - `Traceback (most recent call last)`, `segmentation fault`, `core dumped`, `out of memory`, `command not found`,
 *   `No such file or directory`, `Permission denied`, `undefined reference`.
 */
const LOOKS_LIKE_ERROR = [
  '(?<!\\b(?:0|no|without|-w)[ ]?)(?<!-w)(?:error|fatal|panic|exception|failure|failed|critical)s?(?![-_=]?free|s?:? ?[=:]? ?0\\b)(?![-\\w])',
  'traceback \\(most recent call last\\)',
  'segmentation fault',
  'core dumped',
  'out of memory',
  'command not found',
  'no such file or directory',
  'permission denied',
  'undefined reference',
].join('|')

/** The search for lines that look like an error. */
export const ERROR_SEARCH: SearchQuery = { text: LOOKS_LIKE_ERROR, regex: true, matchCase: false }
