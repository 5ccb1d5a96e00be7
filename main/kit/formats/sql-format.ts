import { isUtf8 } from 'node:buffer'
import { realText } from '#contract/chunk/cell-text.ts'
import { eachRow, type CellFormat } from './cell-reader.ts'
import type { RowFormat } from './row-format.ts'

/** SQL has no infinity; what overflows a double is read as one. */
const INFINITE = '9.0e+999'

const cells: CellFormat = {
  null: 'NULL',
  integer: (value) => (value === LEAST ? LEAST_SQL : String(value)),
  real: (value) => {
    if (Number.isNaN(value)) return 'NULL'
    if (Number.isFinite(value)) return realText(value)
    return value > 0 ? INFINITE : `-${INFINITE}`
  },
  text(heap, start, end) {
    const bytes = heap.subarray(start, end)
    // A script is text and ends at a NUL: what cannot stand in one is given as bytes.
    if (bytes.includes(0) || !isUtf8(bytes)) return `CAST(x'${bytes.toString('hex')}' AS TEXT)`
    return `'${bytes.toString('utf8').replaceAll("'", "''")}'`
  },
  blob: (bytes) => `x'${bytes.toString('hex')}'`,
}

/** A minus and the number behind it are two things in SQL, and the number alone would be too large to be an integer. */
const LEAST = -(2n ** 63n)
const LEAST_SQL = '(-9223372036854775807 - 1)'

/** A name in SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A script that inserts the rows in one transaction, a statement for each, into a table that is there. */
export function sqlFormat(names: readonly string[], table: string): RowFormat {
  const insert = `INSERT INTO ${quotedName(table)} (${names.map(quotedName).join(', ')}) VALUES (`
  return {
    begin: () => 'BEGIN;\n',
    rows(chunk) {
      let text = ''
      eachRow(chunk, cells, (row) => (text += `${insert}${row.join(', ')});\n`))
      return text
    },
    end: () => 'COMMIT;\n',
  }
}
