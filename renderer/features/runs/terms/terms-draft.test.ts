import { expect, test } from 'vitest'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import { durationText, readDuration } from './duration-text.ts'
import { draftOf, FIRST_DRAFT, readDraft } from './terms-draft.ts'

const ZONE = 'Europe/Berlin'

test('what stands in the fields of a run is what the run has', () => {
  const terms: RunTerms = {
    ...DEFAULT_TERMS,
    pool: 'builds',
    priority: -3,
    after: [
      { run: 3, on: 'end' },
      { run: 14, on: 'end' },
    ],
    locks: ['gpu', 'disk'],
    runLimitMs: 90_000,
    retries: {
      count: 2,
      delayMs: 500,
      backoff: 3,
      maxDelayMs: 3_600_000,
      jitter: 0.1,
      on: ['failed', 'killed', 'timed-out'],
    },
  }
  const read = readDraft(draftOf(terms), ZONE)
  expect(read.ok && { ...DEFAULT_TERMS, ...read.terms }).toEqual(terms)
})

test('a field that cannot be read is named', () => {
  const wrong = [
    { priority: 'high' },
    { after: '3, x' },
    { runLimit: 'long' },
    { start: 'at', at: '' },
    { start: 'every', every: '10' },
    { retries: '2', backoff: '0' },
  ] as const
  const fields = wrong.map((change) => readDraft({ ...FIRST_DRAFT, ...change }, ZONE))
  expect(fields.map((read) => !read.ok && read.field)).toEqual([
    'priority',
    'after',
    'runLimit',
    'at',
    'every',
    'backoff',
  ])
})

test('again and again is a schedule and no term of one run', () => {
  const read = readDraft({ ...FIRST_DRAFT, start: 'cron', cron: '*/5 * * * *' }, ZONE)
  expect(read.ok && read.timing).toEqual({ kind: 'cron', line: '*/5 * * * *', zone: ZONE })
})

test('durations are read as people write them', () => {
  expect(['90s', '1.5h', '1h 30m', '2d', '10', 'soon', ''].map(readDuration)).toEqual([
    90_000,
    5_400_000,
    5_400_000,
    172_800_000,
    undefined,
    undefined,
    undefined,
  ])
  for (const ms of [1, 1_500, 60_000, 86_400_000]) expect(readDuration(durationText(ms))).toBe(ms)
})
