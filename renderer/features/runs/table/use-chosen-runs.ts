import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'
import { NOTHING_CHOSEN, reach, stepOf, within, type RunSelection } from './run-selection.ts'

export interface ChosenRunsOptions {
  readonly ids: Readonly<ShallowRef<readonly RunId[]>>
  /** Whole lines of the list that are on screen. */
  readonly linesOnScreen: () => number
  readonly bringIntoView: (index: number) => void
}

/** Which runs of the list are chosen, by mouse and by keys. */
export interface ChosenRuns {
  readonly selection: Readonly<ShallowRef<RunSelection>>
  /** In the order of the list. */
  readonly chosen: ComputedRef<readonly RunId[]>
  /** The line that has the keyboard; -1 for none. */
  readonly activeIndex: ComputedRef<number>
  /** The run whose line an event is about. */
  runUnder(event: Event): RunId | undefined
  onClick(event: MouseEvent): void
  /** The menu is about what is chosen; a line that is not becomes it. */
  onMenu(event: MouseEvent): void
  /** @returns whether the key was one that chooses. */
  onKey(event: KeyboardEvent): boolean
}

export function useChosenRuns({ ids, linesOnScreen, bringIntoView }: ChosenRunsOptions): ChosenRuns {
  const selection = shallowRef<RunSelection>(NOTHING_CHOSEN)
  watch(ids, (now) => (selection.value = within(selection.value, now)))

  const chosen = computed(() =>
    selection.value.chosen.size === 0 ? [] : ids.value.filter((each) => selection.value.chosen.has(each)),
  )
  const activeIndex = computed(() =>
    selection.value.active === undefined ? -1 : ids.value.indexOf(selection.value.active),
  )

  function runUnder(event: Event): RunId | undefined {
    const row = event.target instanceof Element ? event.target.closest('[data-run]') : null
    return row instanceof HTMLElement ? Number(row.dataset['run']) : undefined
  }

  function move(step: number, isMod: boolean, isStretch: boolean): void {
    const count = ids.value.length
    // The first key of all goes to the first line, unless it goes further.
    const from = activeIndex.value === -1 && Math.abs(step) === 1 ? -step : Math.max(0, activeIndex.value)
    const at = Math.min(count - 1, Math.max(0, from + step))
    const next = ids.value[at]
    if (next === undefined) return
    bringIntoView(at)
    selection.value = isMod
      ? { ...selection.value, active: next }
      : reach(selection.value, ids.value, next, isStretch ? 'stretch' : 'alone')
  }

  return {
    selection,
    chosen,
    activeIndex,
    runUnder,
    onClick(event) {
      const under = runUnder(event)
      if (under === undefined) return
      const how = event.shiftKey ? 'stretch' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone'
      selection.value = reach(selection.value, ids.value, under, how)
    },
    onMenu(event) {
      const under = runUnder(event)
      if (under !== undefined && !selection.value.chosen.has(under))
        selection.value = reach(selection.value, ids.value, under, 'alone')
    },
    onKey(event) {
      if (event.altKey) return false
      const isMod = event.ctrlKey || event.metaKey
      const { active } = selection.value
      const step = stepOf(event.key, Math.max(1, linesOnScreen()), ids.value.length)
      if (step !== undefined) move(step, isMod, event.shiftKey)
      else if (isMod && event.key.toLowerCase() === 'a')
        selection.value = { ...selection.value, chosen: new Set(ids.value) }
      else if (isMod) return false
      else if (event.key === 'Escape') selection.value = NOTHING_CHOSEN
      else if (event.key === ' ') {
        if (active !== undefined) selection.value = reach(selection.value, ids.value, active, 'toggle')
      } else return false
      event.preventDefault()
      return true
    },
  }
}
