import { FORM } from '#contract/chunk/format.ts'
import { isNullAt, type Chunk } from '#contract/chunk/read.ts'

/** The sum of a column of integers over a chunk, without NULLs. @throws TypeError for a column of anything else. */
export function columnSum(chunk: Chunk, index: number): number {
  const column = chunk.column(index)
  if (column.form !== FORM.int32 && column.form !== FORM.int64)
    throw new TypeError('Only a column of integers can be summed.')
  let sum = 0
  for (let row = 0; row < chunk.rowCount; row += 1) {
    if (!isNullAt(column.nulls, row)) sum += Number(column.values[row])
  }
  return sum
}
