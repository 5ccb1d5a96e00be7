import { HISTORY } from '#contract/database.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { readSchema } from '../../ipc/schemas.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** What somebody who has never asked the history anything begins with. */
const STARTER = `-- {hint}
SELECT text, count(*) AS runs,
       round(avg(duration_ms) FILTER (WHERE started_at >= date('now', 'start of month'))) AS this_month_ms,
       round(avg(duration_ms) FILTER (WHERE started_at < date('now', 'start of month'))) AS before_ms
FROM runs
WHERE state = 'done' AND started_at >= date('now', 'start of month', '-1 month')
GROUP BY text
ORDER BY this_month_ms - before_ms DESC NULLS LAST, runs DESC`

/**
 * Opens the history as a database of the workspace, or says why that cannot be done.
 * @returns its address and a query to begin with.
 */
export async function openHistory(): Promise<{ database: string; sql: string } | undefined> {
  try {
    const { path } = await askService('database.open', { path: HISTORY, mode: 'read-only' })
    void readSchema(path)
    return { database: path, sql: STARTER.replace('{hint}', t('history.starter')) }
  } catch (error) {
    showError(t('history.openFailed'), messageOf(error))
    return undefined
  }
}
