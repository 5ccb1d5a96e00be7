import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextProgress, type KnownProgress } from './next-progress.ts'

const START = 1_700_000_000_000
const SECOND = 1_000

/** What is known after such texts, one each second. */
function after(texts: readonly string[], known: KnownProgress = {}): KnownProgress {
  return texts.reduce((before, text, second) => nextProgress(before, text, START + second * SECOND), known)
}

const percent = (value: number): string => `\r${value}% `

test('the end is estimated from the pace of late, and none is before there is a pace', () => {
  expect(after([percent(10)]).told).toEqual({ fraction: 0.1, endsAt: null })
  const known = after([10, 20, 30, 40, 50].map(percent))
  expect(known.told).toEqual({ fraction: 0.5, endsAt: START + 9 * SECOND })
})

test('an estimate follows a program that has become slower', () => {
  const fast = Array.from({ length: 10 }, (_, second) => percent(second * 5))
  const slow = Array.from({ length: 30 }, (_, second) => percent(45 + second))
  const { told } = after([...fast, ...slow])
  // 26 % are left, at one a second by now; the mean of all seconds would say 14 of them.
  expect(told?.fraction).toBe(0.74)
  expect(((told?.endsAt ?? 0) - START) / SECOND - 39).toBeGreaterThan(20)
})

test('whatever its pace, a steady progress is estimated right from its second sign on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 4_000 }), fc.integer({ min: 2, max: 19 }), (total, looks) => {
      const texts = Array.from({ length: looks }, (_, second) => `[${second}/${total}] \n`)
      const { told } = after(texts)
      const growth = (looks - 1) / total
      if (growth < 0.002) expect(told?.endsAt).toBeNull()
      else if (told?.endsAt) expect(told.endsAt - START).toBeCloseTo(total * SECOND, -2)
    }),
  )
})

test('another phase begins anew', () => {
  const known = after([percent(10), percent(60), percent(100), percent(5)])
  expect(known.told).toEqual({ fraction: 0.05, endsAt: null })
})

test('parallel work that writes a little out of order is still one phase', () => {
  const known = after([percent(10), percent(21), percent(20), percent(31)])
  expect(known.told?.endsAt).not.toBeNull()
})

test('lines without a number leave what is known, until all of it was done', () => {
  expect(after([percent(40), 'linking\n']).told?.fraction).toBe(0.4)
  expect(after([percent(100), 'cleaning up\n']).told).toBeUndefined()
})

test('a program that tells the terminal is believed, and its lines are not', () => {
  const tells = (state: string): string => `\u001b]9;4;${state}\u0007working 3%\r`
  expect(after([tells('1;45')]).told).toMatchObject({ fraction: 0.45 })
  expect(after(['\u001b]9;4;1;45\u001b\\']).told).toMatchObject({ fraction: 0.45 })
  expect(after([tells('1;45'), percent(80)]).told).toMatchObject({ fraction: 0.45 })
  expect(after([tells('3;0')]).told).toEqual({ fraction: null, endsAt: null })
  expect(after([tells('1;45'), tells('2')]).told).toMatchObject({ fraction: 0.45 })
  expect(after([tells('1;45'), tells('0;0')]).told).toBeUndefined()
  expect(after([tells('1;45'), tells('0;0'), percent(80)]).told).toBeUndefined()
  expect(after([tells('1;999')]).told).toMatchObject({ fraction: 1 })
})
