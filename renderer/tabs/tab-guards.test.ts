import { expect, test } from 'vitest'
import { effectScope } from 'vue'
import { guardTab, mayCloseTab } from './tab-guards.ts'

test('a tab with nothing to lose is closed unasked', async () => {
  expect(await mayCloseTab(1)).toBe(true)
})

test('each guard of a tab is asked until one says no, and none of another tab', async () => {
  const asked: string[] = []
  const scope = effectScope()
  scope.run(() => {
    const guard = (name: string, answer: boolean) => () => {
      asked.push(name)
      return Promise.resolve(answer)
    }
    guardTab(1, guard('first', true))
    guardTab(1, guard('second', false))
    guardTab(1, guard('third', true))
    guardTab(2, guard('other', false))
  })
  expect(await mayCloseTab(1)).toBe(false)
  expect(asked).toEqual(['first', 'second'])
  scope.stop()
  expect(await mayCloseTab(1)).toBe(true)
})
