import { expect, test } from 'vitest'
import { budgetWords } from './budget-words.ts'
import { estimateWords } from './estimate-words.ts'

test('what is left is called an estimate, and so is what has taken longer', () => {
  expect(estimateWords(20_000, 5_000)).toBe('about 15.0 sec left (an estimate)')
  expect(estimateWords(20_000, 21_000)).toBe('longer than the 20.0 sec that were estimated')
})

test('nothing is said of a query that is over soon, or that never ran to its end', () => {
  expect(estimateWords(1_500, 0)).toBe('')
  expect(estimateWords(undefined, 60_000)).toBe('')
})

test('limits are short words, and none for no limits', () => {
  expect(budgetWords({ timeoutMs: 30_000, rows: 1_000, bytes: 1024 ** 2 })).toBe(
    '30.0 sec · 1,000 rows · 1 MB',
  )
  expect(budgetWords({})).toBe('')
})
