import { shallowRef, type Ref, type ShallowRef } from 'vue'
import type { QueryBudget, QuerySpec } from '#contract/run.ts'
import type { WaitingTerms } from '#contract/terms.ts'
import { askService } from '../../ipc/ask.ts'
import { isPasswordNeeded, readSchema } from '../../ipc/schemas.ts'
import { t } from '../../messages/words.ts'
import { askForPassword } from '../../passwords/ask-for-password.ts'
import { failureIn } from '../../rows/query-activity.ts'
import { showError } from '../../ui/toasts.ts'
import { commitsOf, type ConnectionChoice } from './connection-choice.ts'
import type { Editor } from './mount-editor.ts'
import { makeRunTurns, type PrepareRun } from './run-turns.ts'
import type { OwnConnection } from './use-own-connection.ts'
import type { Parameters } from './use-parameters.ts'
import type { QueryTarget, RunTarget } from './use-query-target.ts'
import { statementsToRun, type RunScope } from './use-statement-at-cursor.ts'
import { isDone, type StatementRuns, type WantedStatement } from './use-statement-runs.ts'

export interface QueryRunsParts {
  readonly editor: Readonly<ShallowRef<Editor | undefined>>
  readonly target: Pick<QueryTarget, 'dialect' | 'forRun'>
  readonly parameters: Pick<Parameters, 'valuesFor'>
  readonly runs: StatementRuns
  readonly own: OwnConnection
  readonly connection: Ref<ConnectionChoice>
  readonly budget: () => QueryBudget
  /** On which terms a query waits for its turn; null when it begins at once. */
  readonly terms: () => WaitingTerms | null
  /** Values are missing, which a form asks for. */
  readonly onValuesMissing: () => void
  /** Called before statements run. */
  readonly onBegin: () => void
}

/** Running what is in the editor of a tab. */
export interface QueryRuns {
  /** Runs what the cursor is on, or all of it; after what runs in this moment. */
  run(scope: RunScope): void
  /** As the last time. */
  again(): void
  /** How long the statement may take that runs, from its history (milliseconds). */
  readonly estimateMs: Readonly<ShallowRef<number | undefined>>
}

export function useQueryRuns(parts: QueryRunsParts): QueryRuns {
  const { editor, target, parameters, runs, own, connection, budget } = parts
  const estimateMs = shallowRef<number>()
  let lastScope: RunScope = 'current'
  const askForRun = makeRunTurns({
    isRunning: () => runs.inStatement.value,
    refuse: () => showError(t('query.stillRunning'), t('query.stillRunningHint')),
  })

  function run(scope: RunScope): void {
    askForRun(() => prepare(scope))
  }

  async function prepare(scope: RunScope): ReturnType<PrepareRun> {
    if (!editor.value) return undefined
    editor.value.closeCompletion()
    const where = target.forRun()
    if (!where) return undefined
    lastScope = scope
    const statements = await statementsToRun(editor.value, scope, target.dialect.value)
    if (statements.length === 0) {
      showError(t('query.emptyText'))
      return undefined
    }
    const values = await parameters.valuesFor(statements)
    if (!values) {
      parts.onValuesMissing()
      return undefined
    }

    const limits = Object.keys(budget()).length > 0 ? { budget: budget() } : {}
    const wanted = statements.map(({ text, start }, index) => {
      const params = values[index] ?? []
      const spec = { kind: 'query' as const, ...where, sql: text, ...limits }
      return { spec: params.length > 0 ? { ...spec, params } : spec, from: start }
    })
    return () => runStatements(where, wanted)
  }

  async function runStatements(where: RunTarget, wanted: readonly WantedStatement[]): Promise<void> {
    // What several statements leave for each other, such as a transaction, lasts on one connection only.
    const isOwn = connection.value !== 'shared' || wanted.length > 1
    const terms = parts.terms() ?? undefined
    if (isOwn && terms) return showError(t('place.title'), t('place.sharedOnly'))
    const session = async (): Promise<{ id: number; commits: 'auto' | 'manual' }> => ({
      id: await own.need(where),
      commits: commitsOf(connection.value),
    })
    parts.onBegin()
    estimate(wanted.length === 1 ? wanted[0]?.spec : undefined)
    const left = await runs.run(wanted, { needSession: isOwn ? session : undefined, terms }, async (each) => {
      if (isOwn) await own.look(!isDone(each))
    })
    await settle(where.database)
    const [failed] = left
    const last = runs.list.value.at(-1)
    const failure = last && failureIn(last.activity.value)
    if (failed && failure && isPasswordNeeded(where.database, failure)) {
      askForPassword(where.database, () => askForRun(() => Promise.resolve(() => runStatements(where, left))))
    }
  }

  function estimate(only: QuerySpec | undefined): void {
    estimateMs.value = undefined
    if (!only) return
    const { database, sql } = only
    askService('query.estimate', { database, sql }).then(
      ({ durationMs }) => (estimateMs.value = durationMs ?? undefined),
      // Only an estimate; the query itself says what is wrong.
      () => undefined,
    )
  }

  /** After statements have run: a connection that was only for them is closed, unless it was left in a transaction. */
  async function settle(database: string): Promise<void> {
    if (connection.value === 'shared' && own.isOpen.value) {
      if (own.transaction.value) connection.value = 'own'
      else await own.close()
    }
    // A statement that returns no rows may have changed the tables themselves.
    const mayHaveChanged = runs.list.value.some(
      ({ activity }) => activity.value.kind === 'run' && activity.value.run.progress.columns?.length === 0,
    )
    if (mayHaveChanged && !own.transaction.value) void readSchema(database)
  }

  return { run, again: () => run(lastScope), estimateMs }
}
