import type { OutputChange } from '#contract/output-diff.ts'
import type { RunId } from '#contract/run.ts'
import { MAX_LINES_PER_PAGE, type OutputLine, type ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { groupChanges, type ChangeGroup } from '../runs/group-changes.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseCount } from '../runs/parse-number.ts'
import { WrongUsage } from '../wrong-usage.ts'

const USUAL_CONTEXT = 3

const help = `offloop diff <run> <run> [options]

Writes how what the one command has written differs from what the other has, line by line, as "diff -u" does; ends with 0
when there is no difference, with 1 when there is one. Of a line that is longer than 4 KB only the beginning is written.

  --ignore-times    dates, times of day and durations are no difference
  --ignore-styles   neither are colours, and what was written over with carriage returns
  --ignore-space    nor white space at the end of lines
  --context <n>     lines before and after each change, ${USUAL_CONTEXT} unless it is given
  --json            write an object for each change, with lines from 1, and one with their numbers at the end`

/** `offloop diff` */
export const diff: Command = {
  about: 'show how the outputs of two commands differ',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, {
      'ignore-times': { type: 'boolean' },
      'ignore-styles': { type: 'boolean' },
      'ignore-space': { type: 'boolean' },
      context: { type: 'string' },
      json: { type: 'boolean' },
    })
    const [one, other, ...more] = positionals
    if (one === undefined || other === undefined || more.length > 0)
      throw new WrongUsage('Give the numbers of two runs')
    const ids = { before: parseId([one]), after: parseId([other]) }
    const around = values.context === undefined ? USUAL_CONTEXT : parseCount(values.context)
    const ignore = {
      times: values['ignore-times'] ?? false,
      styles: values['ignore-styles'] ?? false,
      trailingSpace: values['ignore-space'] ?? false,
    }
    return asking(context, async (client) => {
      const comparing = client.stream('output.diff', { ...ids, ignore }, { signal })
      comparing.result.catch(() => undefined)
      async function* changes(): AsyncGenerator<OutputChange> {
        for await (const { found } of comparing) yield* found
      }
      if (values.json) {
        for await (const change of changes()) await output.write(`${JSON.stringify(changeJson(change))}\n`)
        await output.write(`${JSON.stringify({ ...ids, ...(await comparing.result) })}\n`)
      } else {
        let isFirst = true
        const lengths = async () => {
          const { beforeLines, afterLines } = await comparing.result
          return { before: beforeLines, after: afterLines }
        }
        for await (const group of groupChanges(changes(), around, lengths)) {
          if (isFirst) await output.write(`--- run ${ids.before}\n+++ run ${ids.after}\n`)
          isFirst = false
          for await (const line of unified(client, ids, group, signal)) await output.write(`${line}\n`)
          await output.flush()
        }
      }
      await output.end()
      return (await comparing.result).changes === 0 ? EXIT.done : EXIT.failed
    })
  },
}

function changeJson([from, count, otherFrom, otherCount]: OutputChange) {
  return {
    before: { from: from + 1, count },
    after: { from: otherFrom + 1, count: otherCount },
  }
}

/** A group as `diff -u` writes it. */
async function* unified(
  client: Client<ServiceContract>,
  ids: { readonly before: RunId; readonly after: RunId },
  { before, after, changes }: ChangeGroup,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const lines = (id: RunId, from: number, count: number) => textsOf(client, id, from, count, signal)
  yield `@@ -${rangeWords(before)} +${rangeWords(after)} @@`
  let at = after.from
  for (const [from, count, otherFrom, otherCount] of changes) {
    for await (const text of lines(ids.after, at, otherFrom - at)) yield ` ${text}`
    for await (const text of lines(ids.before, from, count)) yield `-${text}`
    for await (const text of lines(ids.after, otherFrom, otherCount)) yield `+${text}`
    at = otherFrom + otherCount
  }
  for await (const text of lines(ids.after, at, after.from + after.count - at)) yield ` ${text}`
}

/** A stretch without lines is named by the line before it. */
function rangeWords({ from, count }: { readonly from: number; readonly count: number }): string {
  const first = count === 0 ? from : from + 1
  return count === 1 ? String(first) : `${first},${count}`
}

async function* textsOf(
  client: Client<ServiceContract>,
  id: RunId,
  from: number,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (let at = from; at < from + count; at += MAX_LINES_PER_PAGE) {
    const asked = { id, from: at, count: Math.min(MAX_LINES_PER_PAGE, from + count - at) }
    const { lines } = await client.call('output.lines', asked, { signal })
    for (const line of lines) yield textOf(line)
  }
}

function textOf({ text, cutFrom }: OutputLine): string {
  return cutFrom === null ? text : `${text}… (${cutFrom} bytes)`
}
