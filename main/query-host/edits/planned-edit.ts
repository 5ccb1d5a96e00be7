import type { Edit, EditPlan, EditStatement, EditValue, EditValues, RowDiff } from '#contract/edits.ts'
import { failed } from '#kit/request-failed.ts'
import { join, quoted, raw, sql, type Fragment } from './fragment.ts'

/** As long as a query's text may be, in UTF-16 code units: the history keeps it as one. */
const MAX_SQL_LENGTH = 10_000_000

/** An edit that fits its table. */
export interface PlannedEdit {
  /** For messages, such as `edit 3 (update of id = 5)`. */
  readonly name: string
  readonly kind: Edit['kind']
  readonly statement: Fragment
  /** True for the row as it was read; absent for a new one. */
  readonly isUnchanged?: Fragment
  /** True for what has the row's key. */
  readonly hasKey?: Fragment
  readonly diff: RowDiff
}

/** What a column makes of a value. */
export interface StoredValue {
  readonly after: EditValue
  readonly converted: boolean
}

/** How an edit becomes a statement of an engine. */
export interface EditDialect {
  /** The table with its schema, in quotes. */
  readonly target: string
  /** Behind INSERT and UPDATE, such as ` OR ABORT`. */
  readonly verb: string
  /** Columns that a row which goes is shown with. */
  readonly columns: ReadonlyMap<string, unknown>
  /** True for rows that hold exactly these values. */
  rowCondition(key: EditValues, original: EditValues): Fragment
  stored(column: string, value: EditValue): StoredValue
}

/** Makes the statement of an edit that has been checked. @throws what `stored` throws. */
export function plannedEdit(edit: Edit, name: string, dialect: EditDialect): PlannedEdit {
  const { target, verb, columns, rowCondition, stored } = dialect
  switch (edit.kind) {
    case 'insert': {
      const { kind, values } = edit
      const cells = Object.entries(values).map(([column, value]) => ({ column, ...stored(column, value) }))
      return {
        name,
        kind,
        statement: insertion(`INSERT${verb} INTO ${target}`, values),
        diff: { kind, key: null, cells },
      }
    }
    case 'update': {
      const { kind, key, original, changes } = edit
      const isUnchanged = rowCondition(key, original)
      const cells = Object.entries(changes).map(([column, value]) => ({
        column,
        before: original[column] ?? null,
        ...stored(column, value),
      }))
      const sets = Object.entries(changes).map(
        ([column, value]) => sql`${raw(quoted(column))} = ${{ value }}`,
      )
      const statement = sql`${raw(`UPDATE${verb} ${target} SET `)}${join(sets, ', ')} WHERE ${isUnchanged}`
      const hasKey = rowCondition(key, {})
      return { name, kind, statement, isUnchanged, hasKey, diff: { kind, key, cells } }
    }
    case 'delete': {
      const { kind, key, original } = edit
      const isUnchanged = rowCondition(key, original)
      const cells = Object.entries({ ...key, ...original })
        .filter(([column]) => columns.has(column))
        .map(([column, before]) => ({ column, before, converted: false }))
      const statement = sql`${raw(`DELETE FROM ${target} WHERE `)}${isUnchanged}`
      const hasKey = rowCondition(key, {})
      return { name, kind, statement, isUnchanged, hasKey, diff: { kind, key, cells } }
    }
    default:
      return edit satisfies never
  }
}

function insertion(into: string, values: EditValues): Fragment {
  const entries = Object.entries(values)
  if (entries.length === 0) return raw(`${into} DEFAULT VALUES`)
  const names = entries.map(([column]) => quoted(column)).join(', ')
  const given = entries.map(([, value]): Fragment => [{ value }])
  return sql`${raw(`${into} (${names}) VALUES (`)}${join(given, ', ')})`
}

/** How an engine writes statements. */
export interface StatementStyle {
  readonly begin: string
  bound(fragment: Fragment): EditStatement
  written(fragment: Fragment): string
}

/**
 * The plan as it is shown.
 * @throws RequestFailed `invalid-params` when its text is too long for the history.
 */
export function describePlan(
  edits: readonly PlannedEdit[],
  { begin, bound, written }: StatementStyle,
): EditPlan {
  const lines = edits.map(({ statement }) => `${written(statement)};`)
  const text = [`${begin};`, ...lines, 'COMMIT;'].join('\n')
  if (text.length > MAX_SQL_LENGTH) {
    throw failed(
      'invalid-params',
      `These edits are ${text.length} characters of SQL, and ${MAX_SQL_LENGTH} are the most at a time. Apply them in parts.`,
    )
  }
  return {
    diff: edits.map(({ diff }) => diff),
    statements: edits.map(({ statement }) => bound(statement)),
    sql: text,
  }
}
