import { expect, test } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'
import { useChosenRuns } from './use-chosen-runs.ts'

const LINES_ON_SCREEN = 3

function chosenOf(listed: readonly RunId[]) {
  const ids = shallowRef(listed)
  const seen: number[] = []
  const runs = useChosenRuns({
    ids,
    linesOnScreen: () => LINES_ON_SCREEN,
    bringIntoView: (index) => void seen.push(index),
  })
  /** @returns whether the list took the key. */
  function press(key: string, held: { shift?: boolean; ctrl?: boolean; alt?: boolean } = {}): boolean {
    let prevented = false
    const { shift = false, ctrl = false, alt = false } = held
    const event = { key, shiftKey: shift, ctrlKey: ctrl, metaKey: false, altKey: alt }
    const taken = runs.onKey({
      ...event,
      preventDefault: () => (prevented = true),
    } as unknown as KeyboardEvent)
    expect(prevented).toBe(taken)
    return taken
  }
  return { ids, seen, runs, press }
}

test('the first key goes to the first line, and no key past an end', () => {
  const { runs, press, seen } = chosenOf([50, 40, 30, 20, 10])
  press('ArrowDown')
  expect(runs.chosen.value).toEqual([50])
  press('ArrowUp')
  expect(runs.chosen.value).toEqual([50])
  press('PageDown')
  expect(runs.chosen.value).toEqual([20])
  press('PageDown')
  expect(runs.activeIndex.value).toBe(4)
  expect(seen).toEqual([0, 0, 3, 4])
})

test('Ctrl moves without choosing, and space adds the line to what is chosen', () => {
  const { runs, press } = chosenOf([50, 40, 30])
  press('Home')
  press('ArrowDown', { ctrl: true })
  press('ArrowDown', { ctrl: true })
  expect(runs.chosen.value).toEqual([50])
  press(' ')
  expect(runs.chosen.value).toEqual([50, 30])
  press('a', { ctrl: true })
  expect(runs.chosen.value).toEqual([50, 40, 30])
  press('Escape')
  expect(runs.chosen.value).toEqual([])
})

test('a key that chooses nothing is left to whoever else wants it', () => {
  const { press } = chosenOf([50, 40])
  expect(press('Enter')).toBe(false)
  expect(press('c', { ctrl: true })).toBe(false)
  expect(press('ArrowDown', { alt: true })).toBe(false)
})

test('a run that leaves the list is chosen no more', async () => {
  const { ids, runs, press } = chosenOf([50, 40, 30])
  press('a', { ctrl: true })
  ids.value = [60, 50, 30]
  await nextTick()
  expect(runs.chosen.value).toEqual([50, 30])
})
