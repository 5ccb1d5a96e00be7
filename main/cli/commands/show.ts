import type { CommandRun } from '#contract/run.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { plainTable } from '../rows/plain-table.ts'
import { parseId } from '../runs/parse-ids.ts'
import { masked, runJson, standWords, stateWords, whatOf } from '../runs/run-words.ts'

const help = `offloop show <run> [--json]

Shows one run: what it is, how it stands and why, and each of its attempts.

  --json   as an object with id, state, exitCode, pid, reasons, attempts, startedAt, endedAt and more`

/** `offloop show` */
export const show: Command = {
  about: 'show one run with its attempts',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, { json: { type: 'boolean' } })
    const id = parseId(positionals)
    return asking(context, async (client) => {
      const run = await client.call('run.get', { id }, { signal })
      const { attempts } = await client.call('run.attempts', { id }, { signal })
      if (values.json) {
        await output.write(`${JSON.stringify(runJson(run, attempts))}\n`)
      } else {
        const { startedAt, endedAt, pid } = runJson(run)
        const rows = [
          ['run', String(id)],
          ['what', whatOf(run)],
          ['state', standWords(run)],
          ...(pid === null ? [] : [['pid', String(pid)]]),
          ...(startedAt === null ? [] : [['started', new Date(startedAt).toISOString()]]),
          ...(endedAt === null ? [] : [['ended', new Date(endedAt).toISOString()]]),
          ...(run.terms ? [['pool', run.terms.pool]] : []),
          ...(run.kind === 'command' ? [...originOf(run), ...changesOf(run)] : []),
          ...(attempts.length > 1
            ? attempts.map(({ number, state }) => [`attempt ${number}`, stateWords(state)])
            : []),
        ]
        await output.write(plainTable(['', ''], rows).replace(/^\s*\n/, ''))
      }
      await output.end()
      return EXIT.done
    })
  },
}

/** The template that it was made of, with the values that were given for it. */
function originOf({ spec }: CommandRun): string[][] {
  const { template } = masked(spec)
  if (!template) return []
  const values = Object.entries(template.values).map(([name, value]) => [
    'value',
    `${name}=${typeof value === 'string' ? value : ''}`,
  ])
  return [['template', template.name], ...values]
}

/** The changes to its environment, without secrets. */
function changesOf({ spec }: CommandRun): string[][] {
  return Object.entries(masked(spec).environment).map(([name, value]) => [
    'variable',
    typeof value === 'string' ? `${name}=${value}` : `${name} (unset)`,
  ])
}
