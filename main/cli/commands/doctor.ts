import { join } from 'node:path'
import { ENDPOINT_FILE, ENDPOINT_FOLDER } from '#contract/command-line.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { findProblems } from '../doctor/find-problems.ts'
import { measureProfile } from '../doctor/measure-profile.ts'
import { parseWords } from '../parse-words.ts'
import { connectSocket } from '../reach/connect-socket.ts'
import { plainTable } from '../rows/plain-table.ts'
import { WrongUsage } from '../wrong-usage.ts'

const BYTES_PER_MB = 1024 * 1024

const LAUNCHERS = { native: 'started natively', perl: 'started by Perl' }

const help = `offloop doctor [--json]

Shows versions, paths, sizes and processes of the Offloop of this profile, what is wrong and what to do about it. It
starts nothing: exit status 1 says that Offloop does not run.

  --json   as an object`

/** `offloop doctor` */
export const doctor: Command = {
  about: 'show versions, paths and processes',
  help,
  async run({ words, profile, launch, output, signal }) {
    const { values, positionals } = parseWords(words, { json: { type: 'boolean', default: false } })
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    const paths = {
      profile,
      endpoint: join(profile, ENDPOINT_FOLDER, ENDPOINT_FILE),
      log: join(profile, 'logs', 'offloop.log'),
      program: launch.executable,
    }
    const connection = await connectSocket(profile)
    try {
      const app = connection && (await connection.client.call('app.describe', {}, { signal }))
      const sizes = await measureProfile(profile, signal)
      const problems = findProblems({ version: __VERSION__, profile, log: paths.log, app, sizes })
      if (values.json) {
        const found = { version: __VERSION__, paths, sizes, problems, running: app ?? null }
        await output.write(`${JSON.stringify(found, null, 2)}\n`)
      } else {
        const lines = [
          ['offloop', __VERSION__],
          ...Object.entries(paths),
          ['database', megabytes(sizes.database)],
          ['results', megabytes(sizes.results)],
          ['outputs', megabytes(sizes.outputs)],
          ['logs', megabytes(sizes.logs)],
          ['free', megabytes(sizes.free)],
          ['commands', app ? LAUNCHERS[app.launcher] : ''],
          ['running', app ? `${app.version}, Electron ${app.electron}, Node ${app.node}` : 'no'],
        ]
        await output.write(plainTable(['what', 'value'], lines))
        if (app) {
          const rows = app.processes.map(({ role, pid, state, memoryBytes, about }) => [
            role,
            String(pid),
            state,
            memoryBytes === null ? '' : megabytes(memoryBytes),
            about,
          ])
          await output.write(`\n${plainTable(['process', 'pid', 'state', 'memory', 'for'], rows)}`)
        }
        const words =
          problems.length === 0 ? ['No problem was found.'] : problems.map(({ message }) => message)
        await output.write(`\n${words.join('\n')}\n`)
      }
      await output.end()
      return app ? EXIT.done : EXIT.failed
    } finally {
      connection?.close()
    }
  },
}

function megabytes(bytes: number): string {
  return `${(bytes / BYTES_PER_MB).toFixed(bytes < 10 * BYTES_PER_MB ? 1 : 0)} MB`
}
