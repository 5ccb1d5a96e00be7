import type { EditValue, EditValues } from '#contract/edits.ts'
import { join, quoted, raw, sql, type Fragment } from '../../edits/fragment.ts'
import type { Comparison, ServerTable } from './edited-table.ts'

/** True for rows whose columns hold exactly these values, to the last bit and byte. */
export function rowCondition(table: ServerTable, key: EditValues, original: EditValues): Fragment {
  const comparison = (name: string): Comparison => table.columns.get(name)?.comparison ?? 'written'
  const found = Object.entries(key).flatMap(([name, value]) =>
    // For the index of the key; what it finds beside the row, for a collation perhaps, is sorted out by the rest.
    comparison(name) === 'exact' || value === null ? [] : [sql`${raw(quoted(name))} = ${{ value }}`],
  )
  const same = Object.entries({ ...key, ...original }).map(([name, value]) =>
    sameValue(quoted(name), comparison(name), value),
  )
  return join([...found, ...same], ' AND ')
}

function sameValue(column: string, comparison: Comparison, value: EditValue): Fragment {
  if (value === null) return raw(`${column} IS NULL`)
  switch (comparison) {
    case 'exact':
      return sql`${raw(column)} = ${{ value }}`
    case 'real': {
      const same = sql`${raw(column)} = ${{ value }}`
      const zero = zeroOf(value)
      return zero === undefined ? same : sql`${same} AND ${raw(writtenText(column))} = ${{ value: zero }}`
    }
    case 'text':
      return sql`${raw(`${column} COLLATE "C"`)} = ${{ value }}`
    case 'written':
      return sql`${raw(`${writtenText(column)} COLLATE "C"`)} = ${{ value }}`
    default:
      return comparison satisfies never
  }
}

/** What the server sends for a column, but for truth: a cast to text would leave the blanks of a `character` out. */
function writtenText(column: string): string {
  return `format('%s', ${column})`
}

/** How the server writes a zero with its sign, which `=` does not see; undefined for any other value. */
function zeroOf(value: EditValue): string | undefined {
  const real = typeof value === 'object' && value !== null && 'real' in value ? value.real : value
  if (real !== 0) return undefined
  return Object.is(real, -0) ? '-0' : '0'
}
