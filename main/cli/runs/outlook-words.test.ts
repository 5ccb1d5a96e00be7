import { expect, test } from 'vitest'
import { outlookWords } from './outlook-words.ts'

test.each([
  [
    { fraction: 0.456, counted: { done: 456, total: 1_000 }, remainingMs: 190_000 },
    '45% (456 of 1000), about 3m 10s left (estimate)',
  ],
  [{ fraction: 1, counted: undefined, remainingMs: null }, '100%'],
  [{ fraction: null, counted: undefined, remainingMs: null }, 'at work'],
  [{ fraction: 0.5, counted: undefined, remainingMs: 7_500_000 }, '50%, about 2h 5m left (estimate)'],
])('what a command says of itself: %j', (told, words) => {
  expect(outlookWords({ from: 'output', ...told })).toBe(words)
})

test('what its earlier runs say is called an estimate, and over when it is over', () => {
  const usual = { from: 'earlier', fraction: 0.5, usualMs: 90_000, basedOn: 3 } as const
  expect(outlookWords({ ...usual, remainingMs: 45_000 })).toBe(
    'about 45s left (estimate from its last 3 runs)',
  )
  expect(outlookWords({ ...usual, remainingMs: null })).toBe('longer than usual (1m 30s)')
})
