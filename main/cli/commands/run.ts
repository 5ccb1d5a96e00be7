import { resolve } from 'node:path'
import type { Run } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { asking } from '../asking.ts'
import { callerEnvironment } from '../caller-environment.ts'
import type { Command, CommandContext } from '../command.ts'
import { parseDuration } from '../parse-duration.ts'
import { parseWords } from '../parse-words.ts'
import { commandOf, environmentOf, splitWords } from '../runs/command-words.ts'
import { followOutput } from '../runs/follow-output.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { runJson, stateWords, statusOf } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop run [options] -- <program> [arguments]
offloop run --shell [options] -- '<line>'

Adds a command to a pool and prints the number of its run. The command goes on whatever becomes of this terminal; it
has the folder and the environment of this shell.

${termsHelp}
  --folder <path>            where to run it; here unless it is given
  --env <NAME=value>         set a variable, or unset it with NAME alone; may be repeated
  --shell                    take the words as a line for the shell
  --when-full <how>          wait (as it is unless given) or refuse, when the pool has no room for another run
  --room-within <duration>   how long to wait for room
  --wait                     write what the command writes, and end with its exit status; Ctrl-C cancels the run
  --json                     print the run as an object`

/** `offloop run` */
export const run: Command = { about: 'run a command, now or later', help, run: runCommand }

async function runCommand(context: CommandContext): Promise<number> {
  const { output, say, signal } = context
  const { own, command } = splitWords(context.words)
  const { values, positionals } = parseWords(own, {
    ...termOptions,
    folder: { type: 'string' },
    env: { type: 'string', multiple: true },
    shell: { type: 'boolean' },
    'when-full': { type: 'string' },
    'room-within': { type: 'string' },
    wait: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const roomWithin = values['room-within']
  const request = {
    kind: 'command' as const,
    command: commandOf([...positionals, ...command], values.shell ?? false),
    folder: resolve(values.folder ?? '.'),
    environment: environmentOf(values.env ?? []),
    terms: parseTerms(values),
    callerEnvironment: callerEnvironment(process.env),
    whenFull: whenFullOf(values['when-full']),
    roomWaitMs: roomWithin === undefined ? undefined : parseDuration(roomWithin),
  }
  return asking(context, async (client) => {
    const made = await client.call('command.run', request, { signal })
    if (!values.wait) {
      await output.write(values.json ? `${JSON.stringify(runJson(made))}\n` : `${made.id}\n`)
      await output.end()
      if (made.state.kind === 'failed-to-spawn') say(`offloop: ${made.state.message} [spawn]`)
      return made.state.kind === 'failed-to-spawn' ? statusOf(made.state) : 0
    }
    const ended = await untilEnd(client, made, context)
    await output.end()
    if (ended.state.kind !== 'done' && !isOwnStatus(ended))
      say(`offloop: run ${ended.id} ${stateWords(ended.state)}`)
    return statusOf(ended.state)
  })
}

function whenFullOf(word: string | undefined): 'wait' | 'refuse' | undefined {
  if (word === undefined || word === 'wait' || word === 'refuse') return word
  throw new WrongUsage(`"${word}" is neither wait nor refuse`)
}

/** An exit status says it all; whatever else ended the run is worth a line. */
function isOwnStatus({ state }: Run): boolean {
  return state.kind === 'failed' && state.cause.kind === 'exit'
}

async function untilEnd(
  client: Client<ServiceContract>,
  { id }: Run,
  { output, say, signal }: CommandContext,
): Promise<Run> {
  const onAttempt = (number: number): void => say(`offloop: attempt ${number} of run ${id}`)
  try {
    return await followOutput({ client, id, output, from: 0, signal, onAttempt })
  } catch (error) {
    if (!signal.aborted) throw error
    return await client.call('run.cancel', { id })
  }
}
