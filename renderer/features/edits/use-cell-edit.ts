import { shallowRef, type ShallowRef } from 'vue'
import type { EditValue } from '#contract/edits.ts'
import type { Place } from '../../ui/grid/grid-selection.ts'
import type { CellBox } from '../../ui/grid/mount-grid.ts'
import type { WrittenValue } from './edit-value.ts'
import type { TableEdits } from './use-table-edits.ts'

/** Where the keyboard goes after a cell was edited. */
export type Move = 'stay' | 'down' | 'right' | 'left'

/** A cell that is being edited. */
export interface CellEdit {
  readonly place: Place
  readonly box: CellBox
  readonly initial: WrittenValue
  /** What the person has typed to begin with; undefined where they went into the cell. */
  readonly typed: string | undefined
}

export interface CellEditParts {
  readonly edits: Pick<TableEdits, 'beginEdit' | 'change'>
  readonly canEdit: () => boolean
  /** Ends the editor that is open, as leaving its cell does. */
  readonly finish: () => void
  readonly grid: () =>
    { boxOf(place: Place): CellBox | undefined; goTo(place: Place): void; focus(): void } | null | undefined
}

/** The one cell of a grid that is being edited. */
export interface CellEditUse {
  readonly editing: Readonly<ShallowRef<CellEdit | undefined>>
  begin(place: Place, typed: string | undefined): Promise<void>
  commit(value: EditValue, move: Move): void
  close(move: Move): void
}

export function useCellEdit({ edits, canEdit, finish, grid }: CellEditParts): CellEditUse {
  const editing = shallowRef<CellEdit>()

  function close(move: Move): void {
    const place = editing.value?.place
    editing.value = undefined
    if (place && move !== 'stay') grid()?.goTo(after(place, move))
    grid()?.focus()
  }

  return {
    editing,
    async begin(place, typed) {
      if (!canEdit()) return
      finish()
      const initial = await edits.beginEdit(place)
      const box = grid()?.boxOf(place)
      if (initial && box) editing.value = { place, box, initial, typed }
    },
    commit(value, move) {
      const place = editing.value?.place
      if (place) void edits.change(place, value)
      close(move)
    },
    close,
  }
}

function after({ row, column }: Place, move: Exclude<Move, 'stay'>): Place {
  switch (move) {
    case 'down':
      return { row: row + 1, column }
    case 'right':
      return { row, column: column + 1 }
    case 'left':
      return { row, column: column - 1 }
    default:
      return move satisfies never
  }
}
