import { eachRow } from './cell-reader.ts'
import { jsonCells, jsonKeys, jsonObject } from './json-cells.ts'
import type { RowFormat } from './row-format.ts'

/** An object on each line: https://jsonlines.org */
export function jsonLinesFormat(names: readonly string[]): RowFormat {
  const keys = jsonKeys(names)
  return {
    begin: () => '',
    rows(chunk) {
      let text = ''
      eachRow(chunk, jsonCells, (row) => (text += `${jsonObject(keys, row)}\n`))
      return text
    },
    end: () => '',
  }
}
