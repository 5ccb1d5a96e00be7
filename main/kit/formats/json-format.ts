import { eachRow } from './cell-reader.ts'
import { jsonCells, jsonKeys, jsonObject } from './json-cells.ts'
import type { RowFormat } from './row-format.ts'

/** An array of objects, one on a line. After an error it stays open, so that no half of a result passes for a whole. */
export function jsonFormat(names: readonly string[]): RowFormat {
  const keys = jsonKeys(names)
  let isEmpty = true
  return {
    begin: () => '[',
    rows(chunk) {
      let text = ''
      eachRow(chunk, jsonCells, (row) => {
        text += `${isEmpty ? '' : ','}\n${jsonObject(keys, row)}`
        isEmpty = false
      })
      return text
    },
    end: () => (isEmpty ? ']\n' : '\n]\n'),
  }
}
