import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'
import type { Benchmark } from './benchmark.ts'

const named = (name: string): Benchmark => ({ name, about: '', run: async () => [] })
const all = [named('rows'), named('flood')]

test('without a name all benchmarks are meant', () => {
  expect(readArguments([], all)).toEqual({
    kind: 'read',
    wanted: { benchmarks: all, short: false, json: false, saves: false },
  })
})

test('names and options may come in any order', () => {
  expect(readArguments(['flood', '--short', '--json'], all)).toMatchObject({
    wanted: { benchmarks: [{ name: 'flood' }], short: true, json: true },
  })
})

test('an unknown name is refused with the names that there are', () => {
  expect(readArguments(['row'], all)).toEqual({
    kind: 'refused',
    message: 'There is no benchmark "row". The benchmarks are: rows, flood.',
  })
})

test('an unknown option is refused with those that there are', () => {
  const read = readArguments(['--fast'], all)
  expect(read.kind === 'refused' && read.message).toContain('[--short]')
})

test.each([
  ['--save', '--short'],
  ['--save', 'rows'],
])('a part of a run is not kept as the whole: %s %s', (...words) => {
  expect(readArguments(words, all).kind).toBe('refused')
})
