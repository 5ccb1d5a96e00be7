import { setImmediate as nextTurn } from 'node:timers/promises'

let last: Promise<unknown> = Promise.resolve()

/**
 * Waits for a turn of the loop that nobody else starts a process in. A spawn blocks the loop for 3 to 4 ms in a process
 * of Electron's size; two hundred in one turn would block it for most of a second.
 */
export function takeTurn(): Promise<void> {
  const turn = last.then(() => nextTurn())
  last = turn
  return turn
}
