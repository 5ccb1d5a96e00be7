import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseDuration } from '../parse-duration.ts'
import { parseWords } from '../parse-words.ts'
import { parseIds } from '../runs/parse-ids.ts'
import { runJson, stateWords } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop wait <runs> [--all | --any | --first-failure] [--timeout <duration>] [--cancel-rest] [--json]

Waits for runs and cancels nothing by itself. Exit status 0 when all that ended ended well, 1 when one did not, 124 when
the time was up first.

  --all                  until all have ended, as it is unless given
  --any                  until the first has ended
  --first-failure        until one has not ended well, or all have ended
  --timeout <duration>   at most so long
  --cancel-rest          then cancel those that have not ended, and wait until they have
  --json                 an object with finished and unfinished`

/** `offloop wait` */
export const wait: Command = {
  about: 'wait for runs; the exit status says how they ended',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, {
      all: { type: 'boolean' },
      any: { type: 'boolean' },
      'first-failure': { type: 'boolean' },
      timeout: { type: 'string' },
      'cancel-rest': { type: 'boolean' },
      json: { type: 'boolean' },
    })
    const ids = parseIds(positionals)
    if ([values.all, values.any, values['first-failure']].filter((one) => one).length > 1)
      throw new WrongUsage('--all, --any and --first-failure are three ways to wait. Give one')
    const until = values.any ? 'first' : values['first-failure'] ? 'first-failure' : 'all'
    const deadlineMs = values.timeout === undefined ? undefined : parseDuration(values.timeout)
    return asking(context, async (client) => {
      const { finished, unfinished } = await client.call('runs.wait', { ids, until, deadlineMs }, { signal })
      const failures = finished.filter(({ state }) => state.kind !== 'done')
      const isInTime =
        until === 'all'
          ? unfinished.length === 0
          : until === 'first'
            ? finished.length > 0
            : failures.length > 0 || unfinished.length === 0
      const cancelled = values['cancel-rest']
        ? await Promise.all(unfinished.map(({ id }) => client.call('run.cancel', { id }, { signal })))
        : []
      if (values.json) {
        const shown = {
          finished: finished.map((run) => runJson(run)),
          unfinished: (values['cancel-rest'] ? cancelled : unfinished).map((run) => runJson(run)),
        }
        await output.write(`${JSON.stringify(shown)}\n`)
      } else {
        const rest = values['cancel-rest'] ? cancelled : unfinished
        for (const { id, state } of [...finished, ...rest]) await output.write(`${id} ${stateWords(state)}\n`)
      }
      await output.end()
      if (!isInTime) return EXIT.timedOut
      return failures.length > 0 ? EXIT.failed : EXIT.done
    })
  },
}
