import { expect, test } from 'vitest'
import { inLanes } from './in-lanes.ts'

test('so many are done at a time, and what came of them is in their order', async () => {
  const steps: string[] = []
  const ends = new Map<string, () => void>()
  const work = async (name: string): Promise<string> => {
    steps.push(`${name} begins`)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    steps.push(`${name} ends`)
    return name.toUpperCase()
  }
  const doing = inLanes(2, ['a', 'b', 'c'], work)
  expect(steps).toEqual(['a begins', 'b begins'])
  ends.get('b')?.()
  await expect.poll(() => steps).toEqual(['a begins', 'b begins', 'b ends', 'c begins'])
  ends.get('c')?.()
  ends.get('a')?.()
  expect(await doing).toEqual(['A', 'B', 'C'])
})

test('a failure is passed on, and nothing to do is done at once', async () => {
  await expect(inLanes(2, [1], () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await inLanes(2, [], () => Promise.resolve(1))).toEqual([])
})
