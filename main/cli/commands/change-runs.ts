import type { Run, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { failureOf } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { failureText } from '../failure-text.ts'
import { parseWords } from '../parse-words.ts'
import { parseIds } from '../runs/parse-ids.ts'
import { runJson, stateWords } from '../runs/run-words.ts'

type Change = (client: Client<ServiceContract>, id: RunId, signal: AbortSignal) => Promise<Run>

/** A command that does the same to each of several runs, and goes on when it cannot be done to one. */
function changing(name: string, about: string, more: string, change: Change): Command {
  return {
    about,
    help: `offloop ${name} <runs> [--json]\n\n${more}\n\n  --json   each run as an object on a line`,
    async run(context) {
      const { words, output, say, signal } = context
      const { values, positionals } = parseWords(words, { json: { type: 'boolean' } })
      const ids = parseIds(positionals)
      return asking(context, async (client) => {
        const done = await Promise.all(
          ids.map((id) =>
            change(client, id, signal).catch((error: unknown) => {
              signal.throwIfAborted()
              say(failureText(failureOf(error)))
            }),
          ),
        )
        for (const run of done)
          if (run)
            await output.write(
              values.json ? `${JSON.stringify(runJson(run))}\n` : `${run.id} ${stateWords(run.state)}\n`,
            )
        await output.end()
        return done.every((run) => run !== undefined) ? EXIT.done : EXIT.failed
      })
    },
  }
}

/** `offloop cancel` */
export const cancel = changing(
  'cancel',
  'stop runs, and wait until their work has ended',
  'Stops runs with all their processes: asks them to end, and kills them after 10 s.',
  (client, id, signal) => client.call('run.cancel', { id }, { signal }),
)

/** `offloop kill` */
export const kill = changing(
  'kill',
  'end runs at once',
  'Kills commands with all their processes, without giving them time to end by themselves.',
  (client, id, signal) => client.call('run.kill', { id }, { signal }),
)

/** `offloop pause` */
export const pause = changing(
  'pause',
  'halt commands, or hold those that wait',
  'Halts commands with all their processes; they keep their places. One that waits is held.',
  (client, id, signal) => client.call('run.pause', { id }, { signal }),
)

/** `offloop resume` */
export const resume = changing(
  'resume',
  'let halted and held commands go on',
  'Lets halted commands go on, and lets go of those that are held.',
  (client, id, signal) => client.call('run.resume', { id }, { signal }),
)

/** `offloop delete` */
export const remove: Command = {
  about: 'take ended runs out of the history',
  help: `offloop delete <runs>

Takes ended runs out of the history, with their output. A run that others wait for stays. Numbers are not given again.`,
  async run(context) {
    const ids = parseIds(parseWords(context.words, {}).positionals)
    return asking(context, async (client) => {
      for (const id of ids) await client.call('run.delete', { id }, { signal: context.signal })
      return EXIT.done
    })
  },
}
