import { shallowRef, watch, type ShallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'
import type { GridRange, Place } from '../../ui/grid/grid-selection.ts'
import type { FigureTarget } from './look/column-panel.vue'

/** What is shown beside the rows. */
export type ResultPanel =
  { readonly kind: 'none' | 'cell' } | { readonly kind: 'figures'; readonly target: FigureTarget }

export interface ResultPanelParts {
  /** The rows of the result itself, and those that are drawn of it: others are another subject. */
  readonly rows: () => unknown
  readonly drawnRows: () => unknown
  /** The run whose rows are drawn. */
  readonly drawnRunId: () => RunId | undefined
  readonly selection: () => GridRange | undefined
  /** Whether figures can be had yet; tells the person when not. */
  readonly mayLook: () => boolean
}

/** The panel beside the rows of a result, which follows the cell that has the keyboard. */
export interface ResultPanelUse {
  readonly panel: Readonly<ShallowRef<ResultPanel>>
  /** The cell that has the keyboard. */
  readonly place: Readonly<ShallowRef<Place | undefined>>
  /** The keyboard has gone to a cell. */
  follow(place: Place): void
  /** Shows a cell; the one that has the keyboard when left out. */
  inspect(place?: Place): void
  showValues(column: number): void
  sumUp(): void
  close(): void
}

export function useResultPanel(parts: ResultPanelParts): ResultPanelUse {
  const place = shallowRef<Place>()
  const panel = shallowRef<ResultPanel>({ kind: 'none' })

  const isAboutCells = (): boolean => panel.value.kind === 'figures' && panel.value.target.kind === 'cells'
  const close = (): void => void (panel.value = { kind: 'none' })

  watch(parts.drawnRows, () => {
    place.value = undefined
    if (isAboutCells()) close()
  })
  watch(parts.rows, () => {
    if (panel.value.kind === 'figures') close()
  })

  function sumUp(): void {
    const range = parts.selection()
    const runId = parts.drawnRunId()
    if (!parts.mayLook() || !range || runId === undefined) return
    panel.value = { kind: 'figures', target: { kind: 'cells', runId, range } }
  }

  return {
    panel,
    place,
    follow(next) {
      place.value = next
      if (isAboutCells()) sumUp()
    },
    inspect(next) {
      if (next) place.value = next
      panel.value = { kind: 'cell' }
    },
    showValues(column) {
      if (parts.mayLook()) panel.value = { kind: 'figures', target: { kind: 'column', column } }
    },
    sumUp,
    close,
  }
}
