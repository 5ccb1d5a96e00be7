import { shallowRef, type ShallowRef } from 'vue'
import type { PlanStep } from '#contract/database.ts'
import type { Failure } from '#contract/failure.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService } from '../../ipc/ask.ts'

/** The plan of a statement, on its way or there. */
export type PlanState = { readonly sql: string } & (
  | { readonly kind: 'asking' }
  | { readonly kind: 'ready'; readonly steps: readonly PlanStep[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
)

/** The latest plan that was asked for; undefined before the first. */
export function usePlan(): {
  readonly plan: Readonly<ShallowRef<PlanState | undefined>>
  /** Asks for the plan of a statement, in a session or on a shared connection. @returns why there is none. */
  explain(database: string, sql: string, session: number | undefined): Promise<Failure | undefined>
  /** Puts it away. */
  clear(): void
} {
  const plan = shallowRef<PlanState>()
  return {
    plan,
    async explain(database, sql, session) {
      const asking: PlanState = { kind: 'asking', sql }
      plan.value = asking
      try {
        const { steps } = await askService('query.explain', { database, sql, session })
        if (plan.value === asking) plan.value = { kind: 'ready', sql, steps }
        return undefined
      } catch (error) {
        const failure = failureOf(error)
        if (plan.value === asking) plan.value = { kind: 'failed', sql, failure }
        return failure
      }
    },
    clear: () => (plan.value = undefined),
  }
}
