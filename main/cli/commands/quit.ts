import { setTimeout as delay } from 'node:timers/promises'
import { failed } from '#kit/request-failed.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { connectSocket } from '../reach/connect-socket.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** The service has 2 s to put on disk what must be there; the rest of an end takes well under a second. */
const QUIT_DEADLINE_MS = 10_000
/** The end of a process that is not ours cannot be waited for otherwise. */
const LOOK_INTERVAL_MS = 20

const help = `offloop quit

Ends the Offloop of this profile, and waits until it has ended. Commands go on; queries end.
When it does not run there is nothing to do, and that is no error.`

/** `offloop quit` */
export const quit: Command = {
  about: 'end Offloop',
  help,
  async run({ words, profile, say, signal }) {
    const { positionals } = parseWords(words, {})
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    const connection = await connectSocket(profile)
    if (!connection) {
      say('offloop: it is not running')
      return EXIT.done
    }
    try {
      const { pid } = await connection.client.call('app.quit', {}, { signal })
      const start = performance.now()
      while (isAlive(pid)) {
        if (performance.now() - start > QUIT_DEADLINE_MS) {
          throw failed(
            'deadline',
            `Offloop (process ${pid}) has not ended within 10 s. Its window may be asking what is to become of a transaction or of edits: answer there. Otherwise end it with: kill -9 ${pid}`,
          )
        }
        await delay(LOOK_INTERVAL_MS, undefined, { signal })
      }
      return EXIT.done
    } finally {
      connection.close()
    }
  },
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
