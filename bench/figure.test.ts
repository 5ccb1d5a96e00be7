import { expect, test } from 'vitest'
import { jsonLine, judge, type Figure, type Goal } from './figure.ts'

const figure = (goal: Goal, values: number[], baselines: number[] = []): Figure => ({
  bench: 'rows',
  figure: 'into the page',
  unit: 'ms',
  values,
  baselines,
  goal,
})

test('a ratio is the median of the values to the median of what they are compared with', () => {
  const verdict = judge(figure({ kind: 'ratio-at-least', ratio: 0.75 }, [80, 1, 90], [100, 100, 1]))
  expect(verdict).toMatchObject({ value: 80, min: 1, max: 90, baseline: 100, ratio: 0.8, met: true })
})

test.each<[Goal, number[], number[], boolean]>([
  [{ kind: 'ratio-at-least', ratio: 0.75 }, [74], [100], false],
  [{ kind: 'ratio-at-most', ratio: 1.25 }, [125], [100], true],
  [{ kind: 'ratio-at-most', ratio: 1.25 }, [126], [100], false],
  [{ kind: 'at-most', value: 5 }, [1, 5, 90], [], true],
  [{ kind: 'at-most', value: 5 }, [1, 6, 7], [], false],
  [{ kind: 'never-over', value: 33 }, [16, 16, 34], [], false],
  [{ kind: 'beyond-baseline-at-most', value: 50 }, [60], [10], true],
  [{ kind: 'beyond-baseline-at-most', value: 50 }, [61], [10], false],
])('goal %j with values %j against %j is met: %j', (goal, values, baselines, met) => {
  expect(judge(figure(goal, values, baselines)).met).toBe(met)
})

test('a goal about every round shows the worst round as its value', () => {
  expect(judge(figure({ kind: 'never-over', value: 33 }, [16, 34, 17])).value).toBe(34)
})

test('a goal about a ratio is not met when there was nothing to compare with', () => {
  expect(judge(figure({ kind: 'ratio-at-least', ratio: 1 }, [1])).met).toBe(false)
})

test('a JSON line has exactly the promised keys, in their order', () => {
  const line = jsonLine(judge(figure({ kind: 'at-most', value: 5 }, [1.23456])))
  expect(line).toBe(
    '{"bench":"rows","figure":"into the page","value":1.23,"unit":"ms","baseline":null,"ratio":null,"goal":"≤ 5 ms","met":true}',
  )
})
