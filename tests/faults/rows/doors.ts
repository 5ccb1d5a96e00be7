import { chown, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ENDPOINT_FOLDER } from '#contract/command-line.ts'
import { processesOf, send, until } from '../processes.ts'
import { answerOf, back, BACK_MS, ended, script } from './ask.ts'
import { ms, must, NotHere, type Fault } from './fault.ts'

/** How soon "locked" is said, in milliseconds. */
const LOCKED_MS = 6_000

/** A user that has no name: nobody runs as that one. */
const SOMEBODY_ELSE = 54_321

/** What stands in the way when somebody wants in. */
export const doors: readonly Fault[] = [
  {
    name: 'it is started a second time',
    async survive({ offloop }) {
      const { main } = await processesOf(offloop.profile)
      const second = await offloop.startAgain()
      const took = await until(BACK_MS, () => Promise.resolve(second.ended))
      must(took !== undefined, 'the second one stays')
      must((await processesOf(offloop.profile)).main === main, 'the first one is gone')
      return `the second gave way after ${ms(took)}`
    },
  },
  {
    name: 'a database is locked by another program',
    async survive({ offloop, witnesses }) {
      const other = new Sqlite(witnesses.database)
      other.exec('BEGIN IMMEDIATE')
      const from = performance.now()
      const { state } = await script(offloop, witnesses.database, ['INSERT INTO kept VALUES (9)'])
      const took = performance.now() - from
      other.exec('ROLLBACK')
      other.close()
      const message =
        state.kind === 'failed' && state.cause.kind === 'error' ? state.cause.failure.message : state.kind
      must(/lock/.test(message), `it says "${message}"`)
      must(took < LOCKED_MS, `it took ${ms(took)}`)
      return `said "locked" after ${ms(took)}`
    },
  },
  {
    name: 'a socket was left behind',
    async survive({ offloop }) {
      // A service that is killed cannot remove its own.
      const { main, all } = await processesOf(offloop.profile)
      send(main, 'SIGKILL')
      for (const pid of all) send(pid, 'SIGKILL')
      offloop.lose()
      return `replaced, ready after ${ms(await back(offloop))}`
    },
  },
  {
    name: 'the place of the socket is a link',
    short: true,
    async survive({ offloop }) {
      await ended(offloop)
      const folder = join(offloop.profile, ENDPOINT_FOLDER)
      await rename(folder, `${folder}-elsewhere`)
      await symlink(`${folder}-elsewhere`, folder)
      const { message } = await answerOf(offloop.reach())
      must(message.includes('is not trusted'), `it gave "${message}"`)
      await rm(folder)
      return 'refused'
    },
  },
  {
    name: "the place of the socket is somebody else's",
    async survive({ offloop }) {
      await ended(offloop)
      const folder = join(offloop.profile, ENDPOINT_FOLDER)
      await chown(folder, SOMEBODY_ELSE, SOMEBODY_ELSE).catch((error: unknown) => {
        throw new NotHere(`nothing can be given to another user: ${String(error)}`)
      })
      const { message } = await answerOf(offloop.reach())
      must(message.includes('is not trusted'), `it gave "${message}"`)
      await rm(folder, { recursive: true })
      return 'refused'
    },
  },
]
