import type { Dialect } from '#contract/sql/tokens.ts'
import { t } from '../../../messages/words.ts'
import { MS_PER_SECOND } from '../budget-words.ts'
import { formatAnswer } from './format-request.ts'

/** Longer than this nobody waits to see a text in lines (milliseconds); about a megabyte. */
const PATIENCE_MS = 5_000

/**
 * Formats statements in a thread that is made for it, with the formatter, and ends after it.
 * @returns each in its place; null for one that is not understood.
 * @throws Error when the thread takes too long, or cannot be made.
 */
export function formatStatements(
  statements: readonly string[],
  dialect: Dialect,
): Promise<(string | null)[]> {
  const worker = new Worker(new URL('./format-worker.ts', import.meta.url), { type: 'module' })
  return new Promise<(string | null)[]>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(t('format.tooLong', { seconds: PATIENCE_MS / MS_PER_SECOND }))),
      PATIENCE_MS,
    )
    worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      clearTimeout(timer)
      resolve(formatAnswer.parse(data).statements)
    })
    worker.addEventListener('error', (event) => {
      clearTimeout(timer)
      reject(new Error(event.message))
    })
    worker.postMessage({ statements, dialect })
  }).finally(() => worker.terminate())
}
