import { isFinal } from '#contract/run.ts'
import { MAX_READ_BYTES } from '#contract/output-read.ts'
import { failed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { copyOutput, type CopyOptions } from '../runs/copy-output.ts'
import { followOutput } from '../runs/follow-output.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseCount } from '../runs/parse-number.ts'
import { stampLines } from '../runs/stamp-lines.ts'
import { WrongUsage } from '../wrong-usage.ts'

const NEWLINE = 10

const help = `offloop log <run> [-f] [--lines <n>] [--attempt <n>] [--stdout | --stderr] [--timestamps]

Writes what a command has written, byte for byte; a line stands for what was not kept of it.

  -f, --follow    go on until it has ended; Ctrl-C leaves it running
  --lines <n>     only the last lines
  --attempt <n>   of this attempt; of the present or last one unless it is given
  --stdout        standard output alone, of a run that was started with --separate-stderr
  --stderr        standard error alone
  --timestamps    put before each line when it came, to a quarter of a second; <= before what may have come earlier, because
                  Offloop did not run then, or it came all at once`

/** `offloop log` */
export const log: Command = {
  about: 'write what a command has written',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, {
      follow: { type: 'boolean', short: 'f' },
      lines: { type: 'string' },
      attempt: { type: 'string' },
      stdout: { type: 'boolean' },
      stderr: { type: 'boolean' },
      timestamps: { type: 'boolean' },
    })
    if (values.stdout && values.stderr)
      throw new WrongUsage('Without --stdout and --stderr there are both: give one of them, or none')
    const id = parseId(positionals)
    const lines = values.lines === undefined ? undefined : parseCount(values.lines)
    return asking(context, async (client) => {
      const run = await client.call('run.get', { id }, { signal })
      if (run.kind !== 'command')
        throw failed('not-found', `Run ${id} is a ${run.kind}: it has a result and no output.`)
      const attempt = values.attempt === undefined ? run.attempt : parseCount(values.attempt)
      // Fails with the reason where standard error is not told apart.
      if (values.stdout)
        await client.call('output.read', { id, part: 'errors', from: 0, count: 1 }, { signal })
      const what: Wanted = {
        ...{ client, id, attempt, signal },
        ...(values.stderr && { part: 'errors' }),
        ...(values.stdout && { errors: 'left out' }),
        ...(values.timestamps && { stamp: stampLines() }),
      }
      const from = lines === undefined ? 0 : await beginningOfLast(what, lines)
      if (values.follow && attempt === run.attempt && !isFinal(run.state))
        await followOutput({ ...what, output, from })
      else await copyOutput({ ...what, output, from })
      await output.end()
      return EXIT.done
    })
  },
}

type Wanted = Omit<CopyOptions, 'output' | 'from'>

/** Where the last lines of an output begin, looked for from its end. */
async function beginningOfLast(what: Wanted, lines: number): Promise<number> {
  const { client, id, attempt, part, errors, signal } = what
  const { size } = await client.call('output.read', { id, attempt, part, from: 0, count: 1 }, { signal })
  if (lines === 0) return size
  let end = size
  let left = lines
  let isEnd = true
  while (end > 0) {
    const from = Math.max(0, end - MAX_READ_BYTES)
    const read = await client.call('output.read', { id, attempt, part, from, count: end - from }, { signal })
    const bytes = read.bytes.subarray(0, Math.max(0, end - read.from))
    // Lines are not counted across what was not kept: a line that stands for it comes first then.
    if (read.from + bytes.length < end) return read.from + bytes.length
    const places = errors === 'left out' ? read.errors : []
    let place = places.length - 1
    for (let index = bytes.length - 1; index >= 0; index--) {
      const at = read.from + index
      while (place >= 0 && (places[place]?.[0] ?? 0) > at) place -= 1
      if (at < (places[place]?.[1] ?? 0)) continue
      // The newline at the very end ends the last line, and begins none.
      if (bytes[index] === NEWLINE && !isEnd) left -= 1
      if (left === 0) return at + 1
      isEnd = false
    }
    if (read.gone > 0) return read.from - read.gone
    end = from
  }
  return 0
}
