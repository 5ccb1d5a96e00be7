import { cellText } from '#contract/chunk/cell-text.ts'
import type { Cell, Chunk } from '#contract/chunk/read.ts'

/** What a column's values are good for in a chart. */
export type ValueKind = 'number' | 'time' | 'text' | 'none'

export interface ChartColumn {
  readonly name: string
  readonly kind: ValueKind
  /** Of the values looked at, each is greater than the one before. */
  readonly ascends: boolean
  /** It names a row rather than measuring something. */
  readonly isKey: boolean
}

/** A number that a server sent as text, or that was imported as one; the statements of a chart read the same. */
const NUMBER = /^[+-]?(?=\.?\d)\d*\.?\d*$/
/** A day, perhaps with a time: what the statements of a chart take for a moment. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?$/
const KEY_NAME = /^(?:id|rowid)$|_id$|[a-z]Id$/
/** Longer texts are neither a number nor a moment (bytes). */
const MAX_LOOKED_AT = 40
/** Of the values: the others are counted, and said to be left out. */
const MOST = 0.8

/** Tells what columns are good for, by some of their rows. @param chunks in the order of the rows. */
export function columnKinds(names: readonly string[], chunks: readonly Chunk[]): ChartColumn[] {
  return names.map((name, column) => {
    const cells = chunks
      .filter(({ columnCount }) => column < columnCount)
      .flatMap((chunk) => Array.from({ length: chunk.rowCount }, (_, row) => chunk.cell(row, column)))
      .filter(({ kind }) => kind !== 'null')
    const kinds = cells.map(kindOf)
    const share = (kind: ValueKind): number => kinds.filter((each) => each === kind).length / kinds.length
    const kind = (['number', 'time', 'text'] as const).find((each) => share(each) >= MOST)
    const mixed = share('none') > 1 - MOST ? 'none' : 'text'
    return {
      name,
      kind: kinds.length === 0 ? 'none' : (kind ?? mixed),
      ascends: cells.length > 1 && ascends(cells),
      isKey: KEY_NAME.test(name),
    }
  })
}

function kindOf(cell: Cell): ValueKind {
  switch (cell.kind) {
    case 'integer':
    case 'real':
      return 'number'
    case 'text': {
      if (cell.bytes.length > MAX_LOOKED_AT) return 'text'
      const text = cellText(cell)
      if (NUMBER.test(text)) return 'number'
      return MOMENT.test(text) ? 'time' : 'text'
    }
    case 'blob':
    case 'null':
      return 'none'
    default:
      return cell satisfies never
  }
}

function ascends(cells: readonly Cell[]): boolean {
  const order = cells.map((cell) => {
    const text = cellText(cell)
    return NUMBER.test(text) || cell.kind === 'real' ? Number(text) : text
  })
  return order.every((value, at) => {
    const before = order[at - 1]
    return before === undefined || (typeof value === typeof before && value > before)
  })
}
