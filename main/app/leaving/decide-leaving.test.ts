import { expect, test } from 'vitest'
import { leavingChoice } from '#contract/settings.ts'
import { decideLeaving, type WishToLeave } from './decide-leaving.ts'

const closing: WishToLeave = {
  quitting: false,
  staysAnyway: false,
  alive: 1,
  setting: 'ask',
  settled: undefined,
}

test('leaving with runs alive asks, whether the window is closed or Offloop quits', () => {
  expect(decideLeaving(closing)).toEqual({ kind: 'ask' })
  expect(decideLeaving({ ...closing, quitting: true })).toEqual({ kind: 'ask' })
})

test('nobody is asked while nothing is alive, or who has answered already', () => {
  expect(decideLeaving({ ...closing, alive: 0 })).toEqual({ kind: 'go' })
  for (const settled of leavingChoice.options)
    expect(decideLeaving({ ...closing, quitting: true, settled })).toEqual({ kind: 'go' })
})

test('a window that Offloop does not need is closed unasked, and quitting asks all the same', () => {
  expect(decideLeaving({ ...closing, staysAnyway: true })).toEqual({ kind: 'go' })
  expect(decideLeaving({ ...closing, staysAnyway: true, quitting: true })).toEqual({ kind: 'ask' })
})

test('what was chosen for good is done, but the background never keeps anybody from quitting', () => {
  for (const setting of leavingChoice.options)
    expect(decideLeaving({ ...closing, setting })).toEqual({ kind: 'take', choice: setting })
  expect(decideLeaving({ ...closing, setting: 'stop', quitting: true })).toEqual({
    kind: 'take',
    choice: 'stop',
  })
  expect(decideLeaving({ ...closing, setting: 'background', quitting: true })).toEqual({ kind: 'ask' })
})
