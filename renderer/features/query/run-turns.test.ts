import { expect, test, vi } from 'vitest'
import { makeRunTurns } from './run-turns.ts'

/** A tab whose statement and what comes after it are ended by the test. */
function makeTab() {
  let isRunning = false
  let endOfTurn = Promise.withResolvers<undefined>()
  const refuse = vi.fn()
  const ran: string[] = []
  const ask = makeRunTurns({ isRunning: () => isRunning, refuse })
  return {
    refuse,
    ran,
    ask: (name: string) =>
      ask(() =>
        Promise.resolve(async () => {
          ran.push(name)
          isRunning = true
          endOfTurn = Promise.withResolvers()
          await endOfTurn.promise
        }),
      ),
    endStatement: () => (isRunning = false),
    endTurn() {
      isRunning = false
      endOfTurn.resolve(undefined)
    },
  }
}

test('a run that is asked for after a statement has ended, and before its connection was looked at, follows it', async () => {
  const tab = makeTab()
  tab.ask('one')
  await vi.waitUntil(() => tab.ran.length === 1)
  tab.endStatement()
  tab.ask('two')
  expect(tab.ran).toEqual(['one'])
  tab.endTurn()
  await vi.waitUntil(() => tab.ran.length === 2)
  expect(tab.ran).toEqual(['one', 'two'])
  expect(tab.refuse).not.toHaveBeenCalled()
})

test('while a statement runs the person is told, and nothing is run in secret later', async () => {
  const tab = makeTab()
  tab.ask('one')
  await vi.waitUntil(() => tab.ran.length === 1)
  tab.ask('two')
  expect(tab.refuse).toHaveBeenCalledOnce()
  tab.endTurn()
  tab.ask('three')
  await vi.waitUntil(() => tab.ran.length === 2)
  expect(tab.ran).toEqual(['one', 'three'])
})

test('a key that repeats while the text is still being read runs it once', async () => {
  const tab = makeTab()
  tab.ask('one')
  tab.ask('one')
  await vi.waitUntil(() => tab.ran.length === 1)
  tab.endTurn()
  tab.ask('two')
  await vi.waitUntil(() => tab.ran.length === 2)
  expect(tab.ran).toEqual(['one', 'two'])
})
