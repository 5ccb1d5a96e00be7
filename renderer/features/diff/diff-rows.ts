import type { OutputChange } from '#contract/output-diff.ts'

/** Rows of a comparison that are of one kind and follow each other. */
export interface RowStretch {
  readonly kind: 'same' | 'removed' | 'added' | 'skipped'
  /** Its first row, from 0, and how many; what is skipped has one row. */
  readonly row: number
  readonly rows: number
  /** Its first line, from 0, of the first output where it is removed, else of the second; and how many. */
  readonly line: number
  readonly lines: number
}

/** Everything that is shown of a comparison, row by row. */
export interface DiffRows {
  readonly count: number
  /** The rows at which changes begin. */
  readonly changes: readonly number[]
  /** The stretches that these rows touch. */
  between(first: number, count: number): readonly RowStretch[]
}

/**
 * Puts the lines that were removed before those that came in their place, and equal ones around them.
 * @param afterLines of the second output.
 * @param context how many equal lines are shown before and after each change; all, unless it is given.
 */
export function diffRows(
  changes: readonly OutputChange[],
  afterLines: number,
  context: number = Infinity,
): DiffRows {
  const stretches: RowStretch[] = []
  const starts: number[] = []
  let count = 0
  function push(kind: RowStretch['kind'], line: number, lines: number): void {
    if (lines <= 0) return
    const rows = kind === 'skipped' ? 1 : lines
    stretches.push({ kind, row: count, rows, line, lines })
    count += rows
  }
  function pushSame(from: number, to: number, lead: number, trail: number): void {
    // One line takes no more room than what would stand in its place.
    if (to - from <= lead + trail + 1) return push('same', from, to - from)
    push('same', from, lead)
    push('skipped', from + lead, to - from - lead - trail)
    push('same', to - trail, trail)
  }

  let at = 0
  for (const [from, removed, otherFrom, added] of changes) {
    pushSame(at, otherFrom, at === 0 && starts.length === 0 ? 0 : context, context)
    starts.push(count)
    push('removed', from, removed)
    push('added', otherFrom, added)
    at = otherFrom + added
  }
  const isCut = starts.length === 0 && context !== Infinity
  pushSame(at, afterLines, isCut ? 0 : context, 0)

  return {
    count,
    changes: starts,
    between(first, wanted) {
      const found: RowStretch[] = []
      for (let index = stretchAt(stretches, first); index < stretches.length; index++) {
        const stretch = stretches[index]
        if (!stretch || stretch.row >= first + wanted) break
        found.push(stretch)
      }
      return found
    },
  }
}

/** The number of the stretch that has a row. */
function stretchAt(stretches: readonly RowStretch[], row: number): number {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >> 1
    const stretch = stretches[middle]
    if (stretch && stretch.row + stretch.rows <= row) low = middle + 1
    else high = middle
  }
  return low
}
