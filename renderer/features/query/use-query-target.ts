import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { engineOf, type DatabaseEntry, type Schema } from '#contract/database.ts'
import type { QuerySpec } from '#contract/run.ts'
import type { Dialect } from '#contract/sql/split-statements.ts'
import { needSchema, schemas } from '../../ipc/schemas.ts'
import { workspace } from '../../ipc/workspace.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** Which database a statement is for, and how it is opened. */
export type RunTarget = Pick<QuerySpec, 'database' | 'mode'>

/** The database that a query tab is about. */
export interface QueryTarget {
  readonly databases: ComputedRef<readonly DatabaseEntry[]>
  /** The one that was chosen, else the first; undefined where there is none. */
  readonly target: ComputedRef<DatabaseEntry | undefined>
  readonly dialect: ComputedRef<Dialect>
  /** Once it is known. */
  readonly schema: ComputedRef<Schema | undefined>
  choose(path: string): void
  /** For a run, which fixes the choice; undefined where there is no database, which the person is told. */
  forRun(): RunTarget | undefined
}

/** @param initial address of the database that the tab begins with. @param onChoose told of another one. */
export function useQueryTarget(initial: string | null, onChoose: (path: string) => void): QueryTarget {
  const chosen = shallowRef(initial)
  const databases = computed(() => workspace.value?.databases ?? [])
  const target = computed(
    () => databases.value.find(({ path }) => path === chosen.value) ?? databases.value[0],
  )

  watch(
    () => target.value?.path,
    (path) => path !== undefined && needSchema(path),
    { immediate: true },
  )

  function choose(path: string): void {
    chosen.value = path
    onChoose(path)
  }

  return {
    databases,
    target,
    dialect: computed(() =>
      target.value && engineOf(target.value.path) === 'postgres' ? 'postgres' : 'sqlite',
    ),
    schema: computed(() => {
      const state = target.value && schemas.get(target.value.path)
      return state?.kind === 'ready' ? state.schema : undefined
    }),
    choose,
    forRun() {
      if (!target.value) {
        showError(t('query.noDatabaseChosen'), t('databases.emptyHint'))
        return undefined
      }
      const { path, mode } = target.value
      if (chosen.value !== path) choose(path)
      return { database: path, mode }
    },
  }
}
