import type { EditValue } from '#contract/edits.ts'
import type { SqlValue } from '#contract/sql-value.ts'
import { textOf } from '../bind-values.ts'
import type { Fragment } from '../../edits/fragment.ts'
import type { StatementStyle } from '../../edits/planned-edit.ts'

/** A value as the server reads it, whatever type it then makes of that; null for NULL. */
export function serverText(value: EditValue): string | null {
  return textOf(parameterOf(value))
}

/** What is bound: words for numbers that JSON does not have are what the server calls them. */
function parameterOf(value: EditValue): SqlValue {
  if (typeof value !== 'object' || value === null) return value
  if ('real' in value) return typeof value.real === 'string' ? value.real : { real: value.real }
  if ('integer' in value) return value
  return { blob: ('text' in value ? value.text : value.blob).toLowerCase() }
}

/** A value as SQL whose type is what it is compared with or assigned to. */
function literal(value: EditValue): string {
  const text = serverText(value)
  if (text === null) return 'NULL'
  const isInteger = typeof value === 'object' && value !== null && 'integer' in value
  return isInteger ? text : `'${text.replaceAll("'", "''")}'`
}

/** How a server takes statements: with numbered parameters, and untyped literals. */
export const serverStyle: StatementStyle = {
  begin: 'BEGIN',
  bound(fragment: Fragment) {
    const params: SqlValue[] = []
    const text = fragment.map((part) => {
      if (typeof part === 'string') return part
      params.push(parameterOf(part.value))
      return `$${params.length}`
    })
    return { sql: text.join(''), params }
  },
  written: (fragment) =>
    fragment.map((part) => (typeof part === 'string' ? part : literal(part.value))).join(''),
}
