import { isFinal, type Run } from '#contract/run.ts'
import { MAX_READ_BYTES } from '#contract/scheduler.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { copyOutput } from '../runs/copy-output.ts'
import { followOutput } from '../runs/follow-output.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseCount } from '../runs/parse-terms.ts'

const NEWLINE = 10

const help = `offloop log <run> [-f] [--lines <n>] [--attempt <n>]

Writes what a command has written, byte for byte; a line stands for what was not kept of it.

  -f, --follow    go on until it has ended; Ctrl-C leaves it running
  --lines <n>     only the last lines
  --attempt <n>   of this attempt; of the present or last one unless it is given`

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
    })
    const id = parseId(positionals)
    const lines = values.lines === undefined ? undefined : parseCount(values.lines)
    return asking(context, async (client) => {
      const run = await client.call('run.get', { id }, { signal })
      if (run.kind !== 'command')
        throw failed('not-found', `Run ${id} is a ${run.kind}: it has a result and no output.`)
      const attempt = values.attempt === undefined ? run.attempt : parseCount(values.attempt)
      const at = lines === undefined ? 0 : await beginningOfLast(client, run, attempt, lines, signal)
      if (values.follow && attempt === run.attempt && !isFinal(run.state)) {
        await followOutput({ client, id, output, from: at, signal })
      } else {
        await copyOutput({ client, id, attempt, from: at, output, signal })
      }
      await output.end()
      return EXIT.done
    })
  },
}

/** Where the last lines of an output begin, looked for from its end. */
async function beginningOfLast(
  client: Client<ServiceContract>,
  { id }: Run,
  attempt: number,
  lines: number,
  signal: AbortSignal,
): Promise<number> {
  const { size } = await client.call('output.read', { id, attempt, from: 0, count: 1 }, { signal })
  if (lines === 0) return size
  let end = size
  // The newline at the very end ends the last line, and begins none.
  let left = lines
  while (end > 0) {
    const from = Math.max(0, end - MAX_READ_BYTES)
    const read = await client.call('output.read', { id, attempt, from, count: end - from }, { signal })
    const bytes = read.bytes.subarray(0, Math.max(0, end - read.from))
    // Lines are not counted across what was not kept: a line that stands for it comes first then.
    if (read.from + bytes.length < end) return read.from + bytes.length
    for (let index = bytes.length - 1; index >= 0; index--) {
      if (bytes[index] !== NEWLINE || read.from + index === size - 1) continue
      left -= 1
      if (left === 0) return read.from + index + 1
    }
    if (read.gone > 0) return read.from - read.gone
    end = from
  }
  return 0
}
