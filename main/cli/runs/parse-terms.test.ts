import { parseArgs } from 'node:util'
import { expect, test } from 'vitest'
import { parseTerms, termOptions } from './parse-terms.ts'
import { parseTime } from './parse-time.ts'

const termsOf = (...args: string[]) => parseTerms(parseArgs({ args, options: termOptions }).values)

test('what is not asked for is left to the settings', () => {
  expect(Object.values(termsOf()).filter((value) => value !== undefined)).toEqual([])
})

test.each([
  [['--notify', 'always'], { notify: 'always' }],
  [['--notify', 'never'], { notify: 'never' }],
  [['--quiet-after', '5m'], { quietAfterMs: 300_000 }],
  [['--quiet-after', '90'], { quietAfterMs: 90_000 }],
  [['--log-limit', '1.5G'], { logLimitBytes: 1_500_000_000 }],
  [['--log-limit', '20mb'], { logLimitBytes: 20_000_000 }],
  [['--timeout', '500ms', '--start-within', '2h'], { runLimitMs: 500, waitLimitMs: 7_200_000 }],
  [['--lock', 'gpu', '--lock', 'disk', '--hold'], { locks: ['gpu', 'disk'], held: true }],
  [
    ['--after', '3', '--after-end', '4'],
    {
      after: [
        { run: 3, on: 'success' },
        { run: 4, on: 'end' },
      ],
    },
  ],
  [['--retries', '0'], { retries: undefined }],
])('%j', (args, terms) => {
  expect(termsOf(...args)).toMatchObject(terms)
})

test('a retry waits a second, and twice as long each time, unless it is told otherwise', () => {
  expect(termsOf('--retries', '3').retries).toMatchObject({ count: 3, delayMs: 1_000, backoff: 2 })
  expect(
    termsOf('--retries', '3', '--retry-delay', '1m', '--retry-backoff', '1.5', '--retry-on', '2,75').retries,
  ).toMatchObject({ delayMs: 60_000, backoff: 1.5, exitCodes: [2, 75] })
})

test.each([
  [['--notify', 'sometimes'], '--notify takes "always" or "never", not "sometimes"'],
  [['--notify', ''], 'not ""'],
  [['--quiet-after', 'soon'], '"soon" is no duration'],
  [['--quiet-after', '0'], '"0" is no duration'],
  [['--log-limit', '10'], 'the least is 1.1MB'],
  [['--log-limit', '5 parsecs'], '"5 parsecs" is no size of a log'],
  [['--retries', '-1'], '"-1" is negative'],
  [['--retry-backoff', 'abc'], '"abc" is no factor. --retry-backoff takes one from 1 to 10'],
  [['--retry-backoff', '0.5'], '"0.5" is no factor'],
  [['--retry-backoff', '11'], '"11" is no factor'],
  [['--retry-delay', 'later'], '"later" is no duration'],
  [['--retry-delay', '5s'], 'Nothing is retried unless --retries says how often'],
  [['--retry-on', '2,x'], '"x" is no whole number'],
  [['--priority', 'high'], '"high" is no whole number'],
  [['--at', '25:00'], '"25:00" is no time'],
])('%j is refused with what is wrong', (args, message) => {
  const [name, value] = args
  expect(() => termsOf(`${name ?? ''}=${value ?? ''}`)).toThrow(message)
})

test('a time of day that is over is that of tomorrow', () => {
  const noon = new Date(2026, 4, 30, 12, 0)
  expect(parseTime('12:01', noon)).toBe(new Date(2026, 4, 30, 12, 1).getTime())
  expect(parseTime('12:00', noon)).toBe(new Date(2026, 4, 31, 12, 0).getTime())
  expect(parseTime('2026-12-31T18:30', noon)).toBe(new Date(2026, 11, 31, 18, 30).getTime())
})
