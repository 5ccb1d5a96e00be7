import type { Schedule, Timing } from '#contract/schedule.ts'
import { asking } from '../asking.ts'
import { callerEnvironment } from '../caller-environment.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseDuration } from '../parse-duration.ts'
import { parseWords } from '../parse-words.ts'
import { plainTable } from '../rows/plain-table.ts'
import { commandHelp, commandOptions, specOf } from '../runs/command-options.ts'
import { splitWords } from '../runs/command-words.ts'
import { parseIds } from '../runs/parse-ids.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { commandText, masked } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop schedule [list] [--json]
offloop schedule add (--every <duration> | --cron '<line>') [options] -- <program> [arguments]
offloop schedule remove <schedules>

Runs a command again and again, each time as a new run, in the folder and the environment of this shell.

  --every <duration>         after each such interval, such as 10m
  --cron <line>              by a line of crontab(5), such as "30 3 * * mon"
  --zone <zone>              by the clocks of that zone, such as Europe/Berlin; this machine's unless it is given
  --skip-missed              let pass what came while Offloop was away; otherwise all of that is one run
${termsHelp}
${commandHelp}
  --json                     each schedule as an object on a line`

/** `offloop schedule` */
export const schedule: Command = { about: 'run a command again and again', help, run }

async function run(context: CommandContext): Promise<number> {
  const { output, signal } = context
  const { own, command } = splitWords(context.words)
  const { values, positionals } = parseWords(own, {
    ...termOptions,
    every: { type: 'string' },
    cron: { type: 'string' },
    zone: { type: 'string' },
    'skip-missed': { type: 'boolean' },
    ...commandOptions,
    json: { type: 'boolean' },
  })
  const [verb = 'list', ...words] = positionals
  async function show(schedules: readonly Schedule[]): Promise<number> {
    if (values.json)
      for (const one of schedules)
        await output.write(`${JSON.stringify({ ...one, command: masked(one.command) })}\n`)
    else await output.write(plainTable(['schedule', 'when', 'next', 'what'], schedules.map(row)))
    await output.end()
    return EXIT.done
  }

  switch (verb) {
    case 'list':
      return asking(context, async (client) =>
        show((await client.call('schedules.list', {}, { signal })).schedules),
      )
    case 'remove': {
      const ids = parseIds(words)
      return asking(context, async (client) => {
        for (const id of ids) await client.call('schedule.remove', { id }, { signal })
        return EXIT.done
      })
    }
    case 'add': {
      const request = {
        command: specOf(values, [...words, ...command]),
        terms: parseTerms(values),
        timing: timingOf(values),
        missed: values['skip-missed'] ? ('skip' as const) : ('run-once' as const),
        callerEnvironment: callerEnvironment(process.env),
      }
      return asking(context, async (client) => show([await client.call('schedule.add', request, { signal })]))
    }
    default:
      throw new WrongUsage(`There is no "schedule ${verb}"`)
  }
}

function timingOf(values: {
  readonly every?: string | undefined
  readonly cron?: string | undefined
  readonly zone?: string | undefined
}): Timing {
  const { every, cron, zone } = values
  if ((every === undefined) === (cron === undefined))
    throw new WrongUsage('Say when, with either --every or --cron')
  if (every !== undefined) return { kind: 'every', everyMs: parseDuration(every) }
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return { kind: 'cron', line: cron ?? '', zone: zone ?? here }
}

function row({ id, timing, nextAt, command }: Schedule): string[] {
  const when =
    timing.kind === 'every' ? `every ${timing.everyMs / 1_000} s` : `${timing.line} (${timing.zone})`
  return [String(id), when, nextAt === null ? 'never' : new Date(nextAt).toISOString(), commandText(command)]
}
