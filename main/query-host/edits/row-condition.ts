import type { EditValue, EditValues } from '#contract/edits.ts'
import { join, quoted, raw, sql, type Fragment } from './fragment.ts'

/**
 * True for rows whose columns hold exactly these values, of the same type and with the same bits and bytes.
 *
 * `IS` alone would take 1.0 for 1, obey collations, and convert the values by the column's affinity: hence `typeof`, the
 * plus before a column, and the comparison of texts as their bytes.
 */
export function rowCondition(key: EditValues, original: EditValues): Fragment {
  const found = Object.entries(key).flatMap(([name, value]) =>
    // For the index of the key; what it finds beside the row, for a collation perhaps, is sorted out by the rest.
    value === null ? [] : [sql`${raw(quoted(name))} IS ${{ value }}`],
  )
  const same = Object.entries({ ...key, ...original }).map(([name, value]) => sameValue(quoted(name), value))
  return join([...found, ...same], ' AND ')
}

function sameValue(column: string, value: EditValue): Fragment {
  if (value === null) return raw(`${column} IS NULL`)
  if (typeof value === 'string') {
    return sql`${raw(`typeof(${column}) = 'text' AND CAST(${column} AS BLOB) IS CAST(`)}${{ value }} AS BLOB)`
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? sameOf('integer', column, value)
      : sameReal(column, value, { real: value })
  }
  if ('text' in value) {
    const blob = { blob: value.text }
    return sql`${raw(`typeof(${column}) = 'text' AND CAST(${column} AS BLOB) IS `)}${{ value: blob }}`
  }
  if ('real' in value) return sameReal(column, Number(value.real), value)
  return sameOf('blob' in value ? 'blob' : 'integer', column, value)
}

function sameReal(column: string, real: number, value: EditValue): Fragment {
  const same = sameOf('real', column, value)
  // The two zeros are equal for SQL, but a column without affinity keeps them apart: only their angles differ.
  return real === 0
    ? sql`${same}${raw(` AND atan2(${column}, -1) ${Object.is(real, -0) ? '<' : '>'} 0`)}`
    : same
}

function sameOf(type: string, column: string, value: EditValue): Fragment {
  return sql`${raw(`typeof(${column}) = '${type}' AND +${column} IS `)}${{ value }}`
}
