import { expect, test } from 'vitest'
import { groupSuites } from './group-suites.ts'
import { SUITES } from './suites.ts'

const names = (groups: ReturnType<typeof groupSuites>): string[][] =>
  groups.map((group) => group.map(({ name }) => name))

test('what may run beside others runs with its neighbours of that kind, and all else alone', () => {
  expect(names(groupSuites(SUITES))).toEqual([
    ['build'],
    ['lint', 'format', 'types', 'boundaries', 'dead-code', 'cli'],
    ['unit'],
    ['e2e'],
    ['faults'],
    ['package'],
    ['bench'],
  ])
})

test('nothing selected makes no group', () => {
  expect(groupSuites([])).toEqual([])
})
