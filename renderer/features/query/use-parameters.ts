import { shallowRef, watch, type ShallowRef } from 'vue'
import type { Parameter } from '#contract/sql/find-parameters.ts'
import type { Dialect, StatementText } from '#contract/sql/split-statements.ts'
import type { SqlValue } from '#contract/sql-value.ts'
import { findAllParameters, parameterKey } from './find-statements.ts'
import { keepValues, readKeptValues, valuesFor, type TypedValue } from './parameter-values.ts'

/** The values that the statements of a tab ask for. */
export interface Parameters {
  /** What the form asks for; empty while nothing is. */
  readonly asked: Readonly<ShallowRef<readonly Parameter[]>>
  readonly values: Readonly<ShallowRef<ReadonlyMap<string, TypedValue>>>
  /** Somebody has tried to run what values are still missing for. */
  readonly strict: Readonly<ShallowRef<boolean>>
  change(key: string, value: TypedValue): void
  /**
   * The values for statements, each by the number of its parameter; empty for one that asks for none.
   * @returns undefined when values are missing or wrong, which the form then asks for.
   */
  valuesFor(statements: readonly StatementText[]): Promise<SqlValue[][] | undefined>
}

/** @param current the statement at the cursor, whose values are asked for as soon as it has some. */
export function useParameters(
  current: Readonly<ShallowRef<StatementText | undefined>>,
  dialect: () => Dialect,
): Parameters {
  const asked = shallowRef<readonly Parameter[]>([])
  const values = shallowRef<ReadonlyMap<string, TypedValue>>(readKeptValues(localStorage))
  const strict = shallowRef(false)

  function show(parameters: readonly Parameter[], isStrict: boolean): void {
    strict.value = isStrict
    const keys = parameters.map(parameterKey).join('\n')
    // The same fields stay as they are while the text around them is typed.
    if (keys !== asked.value.map(parameterKey).join('\n')) asked.value = parameters
  }

  watch(current, async (statement) => {
    const { all } = await findAllParameters(statement ? [statement] : [], dialect())
    if (current.value === statement) show(all, strict.value && all.length > 0)
  })

  return {
    asked,
    values,
    strict,
    change(key, value) {
      values.value = new Map([...values.value, [key, value]])
    },
    async valuesFor(statements) {
      const { ofEach, all } = await findAllParameters(statements, dialect())
      const ready: SqlValue[][] = []
      for (const parameters of ofEach) {
        const given = valuesFor(parameters, values.value)
        if (!given) {
          show(all, true)
          return undefined
        }
        ready.push(given)
      }
      if (all.length > 0) show(all, false)
      keepValues(
        localStorage,
        new Map([...values.value].filter(([key]) => all.some((each) => parameterKey(each) === key))),
      )
      return ready
    },
  }
}
