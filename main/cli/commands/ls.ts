import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { plainTable } from '../rows/plain-table.ts'
import { runJson, standWords, whatOf } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** What the service gives at once. */
const PAGE = 500
/** Of the text of a run; `--json` has it whole. */
const TEXT_WIDTH = 60

const help = `offloop ls [--json]

Lists the runs that have not ended, the newest first, with why they wait. "offloop history" lists all.

  --json   one object on each line`

/** `offloop ls` */
export const ls: Command = {
  about: 'list what runs and what waits, and why',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, { json: { type: 'boolean' } })
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    return asking(context, async (client) => {
      const rows: string[][] = []
      let before: number | undefined
      for (;;) {
        const page = await client.call(
          'runs.list',
          { limit: PAGE, unfinished: true, ...(before !== undefined && { before }) },
          { signal },
        )
        for (const run of page.runs) {
          if (values.json) await output.write(`${JSON.stringify(runJson(run))}\n`)
          else {
            const pool = run.terms?.pool ?? ''
            const text = whatOf(run).replace(/\s+/g, ' ').trim().slice(0, TEXT_WIDTH)
            rows.push([String(run.id), pool, standWords(run), text])
          }
        }
        before = page.runs.at(-1)?.id
        if (!page.more || before === undefined) break
      }
      if (!values.json) await output.write(plainTable(['run', 'pool', 'state', 'what'], rows))
      await output.end()
      return EXIT.done
    })
  },
}
