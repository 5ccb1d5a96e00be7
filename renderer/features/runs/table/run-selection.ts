import type { RunId } from '#contract/run.ts'

/** Which runs of a list are chosen, and which one has the keyboard. */
export interface RunSelection {
  readonly chosen: ReadonlySet<RunId>
  readonly active: RunId | undefined
  /** Where a stretch begins that is chosen with Shift. */
  readonly anchor: RunId | undefined
}

export const NOTHING_CHOSEN: RunSelection = { chosen: new Set(), active: undefined, anchor: undefined }

/** How a run is come to: alone, as one more or one less, or with all from the anchor on. */
export type Reach = 'alone' | 'toggle' | 'stretch'

/** Goes to a run of the list. */
export function reach(before: RunSelection, ids: readonly RunId[], id: RunId, how: Reach): RunSelection {
  switch (how) {
    case 'alone':
      return { chosen: new Set([id]), active: id, anchor: id }
    case 'toggle': {
      const chosen = new Set(before.chosen)
      if (!chosen.delete(id)) chosen.add(id)
      return { chosen, active: id, anchor: id }
    }
    case 'stretch': {
      const from = before.anchor === undefined ? -1 : ids.indexOf(before.anchor)
      const to = ids.indexOf(id)
      if (from === -1) return reach(before, ids, id, 'alone')
      return {
        chosen: new Set(ids.slice(Math.min(from, to), Math.max(from, to) + 1)),
        active: id,
        anchor: before.anchor,
      }
    }
    default:
      return how satisfies never
  }
}

/** What is left of a selection when the list has changed: nothing is chosen that is not on it. */
export function within(before: RunSelection, ids: readonly RunId[]): RunSelection {
  const there = new Set(ids)
  const kept = (id: RunId | undefined): RunId | undefined =>
    id !== undefined && there.has(id) ? id : undefined
  const chosen = new Set([...before.chosen].filter((id) => there.has(id)))
  if (chosen.size === before.chosen.size && kept(before.active) === before.active) return before
  return { chosen, active: kept(before.active), anchor: kept(before.anchor) }
}

/** Lines that a key moves by; undefined for a key that moves nothing. @param page lines of a screen */
export function stepOf(key: string, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return 1
    case 'ArrowUp':
      return -1
    case 'PageDown':
      return page
    case 'PageUp':
      return -page
    case 'Home':
      return -count
    case 'End':
      return count
    default:
      return undefined
  }
}
