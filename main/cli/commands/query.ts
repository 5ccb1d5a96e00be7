import { readChunk } from '#contract/chunk/read.ts'
import { HISTORY } from '#contract/database.ts'
import type { ItemOf } from '#contract/channel.ts'
import type { Run } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { StatementRows } from '#contract/statement.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { failureText, type SourceText } from '../failure-text.ts'
import { outputToFile, type Output } from '../output.ts'
import { parseDuration } from '../parse-duration.ts'
import { parseParameters } from '../parse-parameters.ts'
import { parseWords } from '../parse-words.ts'
import { querySource } from '../query-source.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { formatNames, rowFormat, type FormatName } from '../rows/choose-format.ts'
import type { RowFormat } from '#kit/formats/row-format.ts'
import { parsePlace, placeHelp, placeOptions } from '../runs/parse-place.ts'
import { stateWords } from '../runs/run-words.ts'
import { waitingSayer } from '../runs/say-waiting.ts'
import { WrongUsage } from '../wrong-usage.ts'

const MS_PER_SECOND = 1_000

const help = `offloop query <database> [sql] [options]
offloop query --history [sql] [options]
offloop query --saved <name> [database] [options]

Runs the statements of a text in order on one connection and writes their rows.
The text is the argument, a file, or the standard input.

  --history              ask the history of all runs instead of a database: runs, attempts, transitions,
                         output_lines(run), samples(run); nothing in it can be changed
  --file <f.sql>         take the text from a file
  --saved <name>         take the text of a query that is kept under that name, such as reports/sales; on the database
                         that it was written for, unless another is named
  --param <name=value>   a parameter for :name, @name or $name, or on a server for :name, or $1 by its number;
                         may be repeated. A literal of SQL
                         (42, 1.5, NULL, 'text', x'00ff') is taken as one, everything else as text
  --format <format>      table (the default), csv, json, jsonl or markdown
  --readonly             open the database so that nothing can change it
  --timeout <duration>   give up after so long, such as 30s, 5m or 500ms; exit status 124
  --output <file>        write to a file, which appears when it is whole

${placeHelp}

The first error ends it with exit status 1. Ctrl-C cancels, waits until the work has ended, and exits with 130.`

/** `offloop query` */
export const query: Command = { about: 'run SQL and write its rows', help, run }

type ScriptItem = ItemOf<ServiceContract, 'script.run'>

async function run(context: CommandContext): Promise<number> {
  const { profile, launch, say } = context
  const { values, positionals } = parseWords(context.words, {
    history: { type: 'boolean', default: false },
    file: { type: 'string' },
    saved: { type: 'string' },
    param: { type: 'string', multiple: true },
    format: { type: 'string', default: 'table' },
    readonly: { type: 'boolean', default: false },
    timeout: { type: 'string' },
    output: { type: 'string' },
    ...placeOptions,
  })
  const [database, sql, ...rest] = values.history ? [HISTORY + profile, ...positionals] : positionals
  if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much. Quote the SQL as one word`)
  const format = formatOf(values.format)
  const params = parseParameters(values.param ?? [])
  const timeoutMs = values.timeout === undefined ? undefined : parseDuration(values.timeout)
  const place = parsePlace(values)
  const find = await querySource({ database, sql, file: values.file, saved: values.saved }, context)

  const leaving = new AbortController()
  const signal = AbortSignal.any([context.signal, leaving.signal])
  const onGone = (error: Error): void => leaving.abort(error)
  const connection = await reachOffloop(profile, launch, signal)
  const output =
    values.output === undefined ? context.output : await outputToFile(values.output, signal, onGone)
  try {
    const { source, ...asked } = await find(connection.client)
    const stream = connection.client.stream(
      'script.run',
      {
        kind: 'query',
        ...place,
        ...asked,
        mode: values.readonly || values.history ? 'read-only' : 'read-write',
        sql: source.sql,
        params,
        ...(timeoutMs === undefined ? {} : { budget: { timeoutMs } }),
      },
      { signal },
    )
    const writer = writeResults(format, output, say)
    const sayWaiting = waitingSayer(context, values.verbose)
    for await (const item of stream) {
      if (item.kind === 'waiting') sayWaiting(item.run, item.reasons)
      else await writer.take(item)
    }
    const ended = await stream.result
    context.signal.throwIfAborted()
    const status = leaving.signal.aborted ? EXIT.failed : report(ended, source, context)
    if (leaving.signal.aborted) {
      say(`offloop: ${values.output ?? 'the output'} could not be written: ${String(leaving.signal.reason)}`)
    }
    await (status === EXIT.done ? output.end() : output.abandon())
    return status
  } catch (error) {
    await output.abandon()
    throw error
  } finally {
    connection.close()
  }
}

function formatOf(word: string): FormatName {
  const found = formatNames.find((name) => name === word)
  if (found) return found
  throw new WrongUsage(`There is no format "${word}". The formats are ${formatNames.join(', ')}`)
}

/** Writes the rows of one statement after the other. */
function writeResults(
  format: FormatName,
  output: Output,
  say: CommandContext['say'],
): { take(item: Exclude<ScriptItem, { kind: 'waiting' }>): Promise<void> } {
  let current: RowFormat | undefined
  let isFirst = true

  async function takeRows({ columns, chunk }: StatementRows): Promise<void> {
    if (columns) await begin(columns)
    if (current) await output.write(current.rows(readChunk(chunk)))
  }
  async function begin(columns: NonNullable<StatementRows['columns']>): Promise<void> {
    current = rowFormat(format, columns, isFirst)
    isFirst = false
    await output.write(current.begin())
  }

  return {
    async take(item) {
      switch (item.kind) {
        case 'rows':
          await takeRows(item.rows)
          // Rows that came one by one are seen one by one.
          return output.flush()
        case 'ended': {
          const { columns, last } = item.end
          if (last) await takeRows(last)
          if (columns && !current) await begin(columns)
          if (current) await output.write(current.end())
          current = undefined
          return output.flush()
        }
        case 'notices':
          // What was written before it was said comes before it.
          await output.flush()
          for (const { severity, message } of item.notices) say(`${severity}: ${message}`)
          return
        default:
          item satisfies never
      }
    },
  }
}

/** Says how a run that did not end well has ended. @returns the exit status. */
function report({ id, state }: Run, source: SourceText, { say }: CommandContext): number {
  switch (state.kind) {
    case 'done':
      return EXIT.done
    case 'failed':
      if (state.cause.kind === 'error') say(failureText(state.cause.failure, source))
      return EXIT.failed
    case 'dependency-failed':
      say(`offloop: run ${id} was ${stateWords(state)}`)
      return EXIT.failed
    case 'timed-out':
      if (state.startedAt === undefined) {
        say(
          `offloop: run ${id} waited for ${state.limitMs / MS_PER_SECOND} s, and was not started [deadline]`,
        )
        return EXIT.timedOut
      }
      say(
        `offloop: stopped after ${state.limitMs / MS_PER_SECOND} s, the time it was given [deadline]. ` +
          'What had not been committed was rolled back.',
      )
      return EXIT.timedOut
    case 'cancelled':
      say(`offloop: run ${id} was cancelled [cancelled]. What had not been committed was rolled back.`)
      return EXIT.failed
    case 'lost':
      say(`offloop: ${state.message} [lost]`)
      return EXIT.failed
    case 'queued':
    case 'running':
    case 'paused':
    case 'killed':
    case 'failed-to-spawn':
    case 'interrupted':
      // No query ends like this.
      say(`offloop: run ${id} ended as ${state.kind}`)
      return EXIT.failed
    default:
      return state satisfies never
  }
}
