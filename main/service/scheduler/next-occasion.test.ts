import { describe, expect, test } from 'vitest'
import { nextOccasion } from './next-occasion.ts'

/** The occasions after a moment, as UTC. */
function occasions(line: string, zone: string, after: string, count: number): string[] {
  const found: string[] = []
  let at = Date.parse(after)
  for (let index = 0; index < count; index++) {
    at = nextOccasion(line, zone, at) ?? NaN
    found.push(new Date(at).toISOString().slice(0, 16))
  }
  return found
}

describe('the next occasion', () => {
  test.each([
    ['* * * * *', '2026-03-01T10:00:00Z', '2026-03-01T10:01'],
    ['* * * * *', '2026-03-01T10:00:59Z', '2026-03-01T10:01'],
    ['*/15 9-17 * * mon-fri', '2026-02-27T17:45:00Z', '2026-03-02T09:00'],
    ['30 3 1 * *', '2026-12-01T03:30:00Z', '2027-01-01T03:30'],
    ['0 0 29 feb *', '2026-01-01T00:00:00Z', '2028-02-29T00:00'],
    ['0 12 13 * 5', '2026-03-01T00:00:00Z', '2026-03-06T12:00'],
    ['0 0 * * 7', '2026-03-02T00:00:00Z', '2026-03-08T00:00'],
    ['5/20 * * * *', '2026-03-01T00:06:00Z', '2026-03-01T00:25'],
    ['@monthly', '2026-01-31T00:00:00Z', '2026-02-01T00:00'],
  ])('of %s after %s is %s', (line, after, expected) => {
    expect(occasions(line, 'UTC', after, 1)).toEqual([expected])
  })

  test('is by the clocks of the zone, wherever this machine is', () => {
    expect(occasions('0 9 * * *', 'Asia/Kolkata', '2026-03-01T00:00:00Z', 1)).toEqual(['2026-03-01T03:30'])
    expect(occasions('0 9 * * *', 'America/New_York', '2026-07-01T00:00:00Z', 1)).toEqual([
      '2026-07-01T13:00',
    ])
  })

  test('does not come in an hour that clocks skip, and comes once in one that they show twice', () => {
    expect(occasions('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ])
    expect(occasions('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
    expect(occasions('0 0 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 3)).toEqual([
      '2026-10-24T22:00',
      '2026-10-25T23:00',
      '2026-10-26T23:00',
    ])
  })

  test('never comes on a day that there is not', () => {
    expect(nextOccasion('0 0 31 4 *', 'UTC', 0)).toBeUndefined()
  })
})

test.each([
  '',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '5-1 * * * *',
  '*/0 * * * *',
  'x * * * *',
  '0 * * * * *',
  '2030-01-01T00:00:00Z',
  '@reboot',
])('the line "%s" is refused', (line) => {
  expect(() => nextOccasion(line, 'UTC', 0)).toThrow('is no line of a crontab')
})

test('a zone that there is not is refused', () => {
  expect(() => nextOccasion('@daily', 'Mars/Olympus', 0)).toThrow('no time zone "Mars/Olympus"')
})
