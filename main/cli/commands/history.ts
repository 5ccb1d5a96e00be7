import type { Run } from '#contract/run.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { plainTable } from '../rows/plain-table.ts'
import { masked, whatOf } from '../runs/run-words.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** A screen of them. */
const DEFAULT_LIMIT = 20
/** What the service gives at once. */
const PAGE = 500
/** Of the text of a run; `--json` has it whole. */
const TEXT_WIDTH = 60

const help = `offloop history [--limit <n>] [--json]

Lists runs, the newest first: queries and commands, of the window and of the command line.

  --limit <n>   at most so many; ${DEFAULT_LIMIT} unless it is given
  --json        one object on each line`

/** `offloop history` */
export const history: Command = {
  about: 'list what was run, the newest first',
  help,
  async run({ words, profile, launch, output, signal }) {
    const { values, positionals } = parseWords(words, {
      limit: { type: 'string', default: String(DEFAULT_LIMIT) },
      json: { type: 'boolean', default: false },
    })
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    if (!/^[1-9]\d{0,8}$/.test(values.limit)) {
      throw new WrongUsage(`"${values.limit}" is no number of runs. Give one such as --limit 50`)
    }
    const connection = await reachOffloop(profile, launch, signal)
    try {
      let left = Number(values.limit)
      let before: number | undefined
      const shown: string[][] = []
      while (left > 0) {
        const limit = Math.min(left, PAGE)
        const page = await connection.client.call(
          'runs.list',
          before === undefined ? { limit } : { before, limit },
          { signal },
        )
        for (const run of page.runs) {
          if (values.json) await output.write(`${JSON.stringify(withoutSecrets(run))}\n`)
          else shown.push(rowOf(run))
        }
        left -= page.runs.length
        before = page.runs.at(-1)?.id
        if (!page.more || before === undefined) break
      }
      if (!values.json) await output.write(plainTable(['run', 'state', 'started', 'took', 'what'], shown))
      await output.end()
      return EXIT.done
    } finally {
      connection.close()
    }
  },
}

function rowOf(run: Run): string[] {
  const { id, state, createdAt } = run
  const took = 'durationMs' in state ? `${(state.durationMs / 1_000).toFixed(2)} s` : ''
  const text = whatOf(run).replace(/\s+/g, ' ').trim()
  return [
    String(id),
    state.kind,
    new Date(createdAt).toISOString(),
    took,
    text.length > TEXT_WIDTH ? `${text.slice(0, TEXT_WIDTH - 1)}…` : text,
  ]
}

function withoutSecrets(run: Run): Run {
  return run.kind === 'command' ? { ...run, spec: masked(run.spec) } : run
}
