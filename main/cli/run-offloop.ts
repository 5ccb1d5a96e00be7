import { failureOf } from '#kit/request-failed.ts'
import type { Command } from './command.ts'
import { cancel, kill, pause, remove, resume } from './commands/change-runs.ts'
import { databases } from './commands/databases.ts'
import { diff } from './commands/diff.ts'
import { doctor } from './commands/doctor.ts'
import { edit } from './commands/edit.ts'
import { exportRows } from './commands/export.ts'
import { history } from './commands/history.ts'
import { importFile } from './commands/import.ts'
import { log } from './commands/log.ts'
import { ls } from './commands/ls.ts'
import { pipe } from './commands/pipe.ts'
import { pool } from './commands/pool.ts'
import { password } from './commands/password.ts'
import { query } from './commands/query.ts'
import { quit } from './commands/quit.ts'
import { recover } from './commands/recover.ts'
import { restart } from './commands/restart.ts'
import { run } from './commands/run.ts'
import { schedule } from './commands/schedule.ts'
import { schema } from './commands/schema.ts'
import { send } from './commands/send.ts'
import { session } from './commands/session.ts'
import { show } from './commands/show.ts'
import { template } from './commands/template.ts'
import { wait } from './commands/wait.ts'
import { EXIT } from './exit-status.ts'
import { failureText } from './failure-text.ts'
import { outputTo } from './output.ts'
import { profileFolder } from './profile-folder.ts'
import type { Launch } from './reach/launch.ts'
import { WrongUsage } from './wrong-usage.ts'

const commands: Readonly<Record<string, Command>> = {
  query,
  session,
  databases,
  password,
  schema,
  export: exportRows,
  import: importFile,
  run,
  pipe,
  ls,
  show,
  log,
  diff,
  send,
  wait,
  cancel,
  kill,
  pause,
  resume,
  restart,
  edit,
  delete: remove,
  pool,
  schedule,
  template,
  history,
  doctor,
  recover,
  quit,
}

/** Two columns wider than the longest name of a command. */
const NAME_WIDTH = 11

const help = `offloop <command> [options]

SQL on large databases, and what Offloop does, from a terminal or a script. Offloop is started without a
window when it does not run, and stays until "offloop quit".

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(NAME_WIDTH)}${about}`)
  .join('\n')}

  offloop <command> --help says more. OFFLOOP_PROFILE=<folder> separates everything: data, history, socket.
`

/** Why the work was broken off. */
type Stop = { readonly kind: 'signal'; readonly status: number } | { readonly kind: 'reader-gone' }

/**
 * Runs the command line to its end.
 * @param words behind the program's name.
 * @param launch how Offloop is started when it does not run.
 * @returns the exit status; the caller ends the process with it.
 */
export async function runOffloop(words: readonly string[], launch: Launch): Promise<number> {
  const { stdin, stdout, stderr } = process
  const say = (line: string): void => void stderr.write(`${line}\n`)
  const stopping = new AbortController()
  let stop: Stop | undefined
  function stopWith(why: Stop): void {
    // Whoever presses Ctrl-C again does not want to wait for a confirmation.
    if (stop && why.kind === 'signal') process.exit(why.status)
    stop ??= why
    stopping.abort(new Error(why.kind))
  }
  process.on('SIGINT', () => stopWith({ kind: 'signal', status: EXIT.interrupted }))
  process.on('SIGTERM', () => stopWith({ kind: 'signal', status: EXIT.terminated }))
  const readerGone = (): void => stopWith({ kind: 'reader-gone' })
  const output = outputTo(stdout, stopping.signal, readerGone)
  const errorOutput = outputTo(stderr, stopping.signal, readerGone)

  try {
    const [name, ...rest] = words
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      await output.write(help)
      await output.end()
      return name === undefined ? EXIT.usage : EXIT.done
    }
    if (name === '--version') {
      await output.write(`offloop ${__VERSION__}\n`)
      await output.end()
      return EXIT.done
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command) {
      throw new WrongUsage(
        `There is no command "${name}". The commands are ${Object.keys(commands).join(', ')}`,
      )
    }
    // Behind -- are the words of another program.
    if (rest.slice(0, rest.includes('--') ? rest.indexOf('--') : undefined).includes('--help')) {
      await output.write(`${command.help}\n`)
      await output.end()
      return EXIT.done
    }
    const profile = profileFolder(process.env, process.platform)
    const { signal } = stopping
    const outputs = { output, errorOutput, isSeen: stderr.isTTY }
    const status = await command.run({ words: rest, profile, launch, input: stdin, ...outputs, say, signal })
    return stop ? statusOf(stop, say) : status
  } catch (error) {
    if (stop) return statusOf(stop, say)
    if (error instanceof WrongUsage) {
      say(`offloop: ${error.message}. See: offloop ${hintFor(words)}--help`)
      return EXIT.usage
    }
    say(failureText(failureOf(error)))
    return EXIT.failed
  }
}

function statusOf(stop: Stop, say: (line: string) => void): number {
  switch (stop.kind) {
    case 'signal':
      say('offloop: stopped [cancelled]')
      return stop.status
    case 'reader-gone':
      // As `head` does it: whoever reads has seen enough, and that is no error.
      return EXIT.done
    default:
      return stop satisfies never
  }
}

function hintFor([name]: readonly string[]): string {
  return name !== undefined && Object.hasOwn(commands, name) ? `${name} ` : ''
}
