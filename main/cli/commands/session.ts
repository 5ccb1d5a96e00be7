import { createInterface } from 'node:readline'
import { z } from 'zod'
import { readChunk } from '#contract/chunk/read.ts'
import type { Failure } from '#contract/failure.ts'
import type { ServerNotice } from '#contract/run.ts'
import type { StatementEnd, StatementItem, StatementRows } from '#contract/statement.ts'
import { statementRequest } from '#contract/statement.ts'
import type { RequestStream } from '#kit/client.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { Command, CommandContext } from '../command.ts'
import { databaseOf } from '../database-word.ts'
import { EXIT } from '../exit-status.ts'
import type { Output } from '../output.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { eachRow } from '#kit/formats/cell-reader.ts'
import { jsonCells, jsonKeys, jsonObject } from '#kit/formats/json-cells.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** Statements that are on their way at once: the processes work on the next ones while an answer is written. */
const AT_ONCE = 64

const help = `offloop session [--create] [--readonly] <database>

Holds one connection, so that temporary tables and transactions last, and answers JSON lines with JSON lines,
one for each, in order.

  {"id":1,"sql":"select ? as a","params":[7],"raw":true}
  {"id":1,"columns":["a"],"rows":[[7]],"changes":null,"ms":0.1}

A line holds one statement. "params" is an array for ?, or an object for :name, @name and $name. With "raw":true
rows are arrays, otherwise objects. An error is {"id":1,"error":{"code":…,"message":…,"position":…}}; the session goes on.
The end of the input closes the session; a transaction that is open then is rolled back.

  --create     make the database when there is none
  --readonly   open it so that nothing can change it`

/** `offloop session` */
export const session: Command = { about: 'run statements from JSON lines on one connection', help, run }

const requestLine = statementRequest.extend({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  raw: z.boolean().optional(),
})
type Id = string | number | null

/** What a line became, in the order of the lines. */
type Pending =
  | { readonly kind: 'malformed'; readonly id: Id; readonly message: string }
  | { readonly kind: 'running'; readonly id: Id; readonly raw: boolean; readonly statement: Statement }
type Statement = RequestStream<StatementItem, StatementEnd>

async function run(context: CommandContext): Promise<number> {
  const { words, profile, launch, input, output, signal } = context
  const { values, positionals } = parseWords(words, {
    create: { type: 'boolean', default: false },
    readonly: { type: 'boolean', default: false },
  })
  const [word, ...rest] = positionals
  if (word === undefined) throw new WrongUsage('Name a database: offloop session <database>')
  if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much`)
  const mode = values.readonly ? 'read-only' : 'read-write'

  const connection = await reachOffloop(profile, launch, signal)
  const closing = new AbortController()
  try {
    const { client } = connection
    const open = client.stream(
      'session.open',
      { database: databaseOf(word), mode, create: values.create },
      { signal: AbortSignal.any([signal, closing.signal]) },
    )
    const first = await open[Symbol.asyncIterator]().next()
    if (first.done === true) throw failed('internal', 'The session has ended before it began. Try again.')
    const { session: id } = first.value

    const start = (line: string): Pending => {
      const parsed = parseLine(line)
      if (parsed.kind === 'malformed') return parsed
      const { sql, params, raw } = parsed.request
      const request = { session: id, sql, ...(params === undefined ? {} : { params }) }
      const statement = client.stream('session.execute', request, { signal })
      return { kind: 'running', id: parsed.request.id ?? null, raw: raw ?? false, statement }
    }
    await answerLines(input, start, output, signal)
    closing.abort()
    // What was open is rolled back, and the process that held it has ended, when this has settled.
    await open.result.catch(() => undefined)
    signal.throwIfAborted()
    await output.end()
    return EXIT.done
  } finally {
    connection.close()
  }
}

/** Starts each line as it comes and writes the answers in order. */
async function answerLines(
  input: NodeJS.ReadStream,
  start: (line: string) => Pending,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const pending: Pending[] = []
  const state = { writing: false }
  let oneWritten = Promise.withResolvers<undefined>()

  async function writeAll(): Promise<void> {
    state.writing = true
    for (let next = pending[0]; next && !signal.aborted; next = pending[0]) {
      await answer(next, output)
      // Whoever waits for this answer before asking again gets it now.
      if (pending.length === 1) await output.flush()
      pending.shift()
      oneWritten.resolve(undefined)
      oneWritten = Promise.withResolvers<undefined>()
    }
    state.writing = false
  }

  for await (const line of createInterface({ input, crlfDelay: Infinity, signal })) {
    if (line.trim() === '') continue
    pending.push(start(line))
    if (!state.writing) void writeAll()
    while (pending.length >= AT_ONCE && !signal.aborted) await oneWritten.promise
  }
  while (pending.length > 0 && !signal.aborted) await oneWritten.promise
}

type ParsedLine =
  | { readonly kind: 'malformed'; readonly id: Id; readonly message: string }
  | { readonly kind: 'parsed'; readonly request: z.infer<typeof requestLine> }

function parseLine(line: string): ParsedLine {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'malformed', id: null, message: `The line is not JSON: ${reason}` }
  }
  const parsed = requestLine.safeParse(value)
  if (parsed.success) return { kind: 'parsed', request: parsed.data }
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the line'}: ${issue.message}`)
  const id = z.object({ id: requestLine.shape.id }).safeParse(value).data?.id ?? null
  return { kind: 'malformed', id, message: `The line is no request. ${where.join('; ')}` }
}

/** Writes one line: the result, or the error. Rows leave as they come, so that a large result takes no memory. */
async function answer(pending: Pending, output: Output): Promise<void> {
  const { id } = pending
  if (pending.kind === 'malformed') {
    const error = { code: 'invalid-params', message: pending.message, position: null }
    return output.write(`${JSON.stringify({ id, error })}\n`)
  }
  const { statement, raw } = pending
  const lead = `{"id":${JSON.stringify(id)},`
  let keys: readonly string[] = []
  const written = { begun: false, rows: 0 }
  const notices: ServerNotice[] = []
  const said = (): string => (notices.length === 0 ? '' : `,"notices":${JSON.stringify(notices)}`)

  async function begin(names: readonly string[]): Promise<void> {
    written.begun = true
    keys = jsonKeys(names)
    await output.write(`${lead}"columns":${JSON.stringify(names)},"rows":[`)
  }
  async function takeRows({ columns, chunk }: StatementRows): Promise<void> {
    if (columns) await begin(columns.map(({ name }) => name))
    let text = ''
    eachRow(readChunk(chunk), jsonCells, (cells) => {
      text += `${written.rows === 0 ? '' : ','}${raw ? `[${cells.join(',')}]` : jsonObject(keys, cells)}`
      written.rows += 1
    })
    await output.write(text)
  }

  try {
    for await (const part of statement) {
      if ('notices' in part) notices.push(...part.notices)
      else await takeRows(part)
    }
    const { last, columns, changes, ms } = await statement.result
    if (last) await takeRows(last)
    if (!written.begun) await begin((columns ?? []).map(({ name }) => name))
    await output.write(`],"changes":${changes ?? 'null'},"ms":${Number(ms.toFixed(3))}${said()}}\n`)
  } catch (error) {
    const text = `"error":${JSON.stringify(errorOf(failureOf(error)))}${said()}}\n`
    // Rows that came before the error are in the line already: it says so by having both.
    await output.write(written.begun ? `],${text}` : `${lead}${text}`)
  }
}

function errorOf({ code, message, details }: Failure): Record<string, unknown> {
  const { engineCode, position } = details ?? {}
  return {
    code,
    message,
    position: position ?? null,
    ...(engineCode === undefined ? {} : { engineCode }),
  }
}
