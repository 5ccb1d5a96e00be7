import { expect, test } from 'vitest'
import { MAX_BARS, TIMELINE_STRETCHES } from '#contract/timeline.ts'
import { drawTimeline, type Ran } from './draw-timeline.ts'

const FROM = 1_000_000
const TO = FROM + TIMELINE_STRETCHES * 1_000

test('each attempt is a bar, cut to the time that is looked at', () => {
  const ran: Ran[] = [
    { run: 1, lane: 'builds', state: 'done', started: FROM - 500, ended: FROM + 500 },
    { run: 2, lane: 'builds', state: 'running', started: TO - 100, ended: TO + 900 },
  ]
  expect(drawTimeline(ran, FROM, TO)).toEqual({
    kind: 'bars',
    bars: [
      { run: 1, lane: 'builds', state: 'done', from: FROM, to: FROM + 500 },
      { run: 2, lane: 'builds', state: 'running', from: TO - 100, to: TO },
    ],
  })
})

test('of thousands the sums are told: how many ran at once, and where some failed', () => {
  const many = Array.from({ length: 2 * MAX_BARS }, (_, n): Ran => {
    const state = n % 2 === 0 ? 'done' : 'failed'
    return { run: n + 1, lane: 'builds', state, started: FROM + 10_000, ended: FROM + 11_500 }
  })
  const picture = drawTimeline(many, FROM, TO)
  if (picture.kind !== 'sums') throw new Error('These are too many for bars.')
  const [lane] = picture.lanes
  expect(picture.runs).toBe(2 * MAX_BARS)
  expect(lane?.running.slice(9, 13)).toEqual([0, 2 * MAX_BARS, MAX_BARS, 0])
  expect(lane?.failed[11]).toBe(MAX_BARS)
  expect(lane?.failed[10]).toBe(0)
})
