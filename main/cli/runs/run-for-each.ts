import { text as readAll } from 'node:stream/consumers'
import { resolve } from 'node:path'
import { commandWithVariables } from '#contract/run-text.ts'
import type { CommandSpec, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { MAX_FANNED_OUT, type FanOut, type FanSource } from '#contract/template/fan-out.ts'
import { defaultOf, parameterName } from '#contract/template/parameter.ts'
import type { Template } from '#contract/template/template.ts'
import type { AskedTerms } from '#contract/terms.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import type { CommandContext } from '../command.ts'
import { databaseOf } from '../database-word.ts'
import { EXIT } from '../exit-status.ts'
import { readTemplate, termsWith, type TemplateWords } from '../templates/use-template.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { specOf } from './command-options.ts'

/** Commands that a dry run shows. */
const SHOWN = 10

/** The options that make a run of each of many. */
export const eachOptions = {
  'for-each': { type: 'string', multiple: true },
  'for-each-line': { type: 'string' },
  'for-each-row': { type: 'string' },
  as: { type: 'string' },
  'on-failure': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const

export const eachHelp = `  --for-each <value>         run it once for each of these values, as one batch; may be repeated
  --for-each-line <file>     or for each line of a file; - is the standard input
  --for-each-row <database>  or for each row of a query, which is the word before --; or of a run, by its number. A value
                             stands where the command has {line}, a row's where it has {column}, always as one argument;
                             in a line for the shell it is "$line" or "$column"; without any, a line comes last
  --as <name>                calls the line something else; with --template, the parameter that it is
  --on-failure <what>        go-on (as it is unless given) or stop with the others when one of them fails
  --dry-run                  show the first of the commands and how many there are, and run none`

/** What `parseWords` makes of them, and of the options beside them. */
type EachWords = TemplateWords &
  Parameters<typeof specOf>[0] & {
    readonly 'for-each'?: string[] | undefined
    readonly 'for-each-line'?: string | undefined
    readonly 'for-each-row'?: string | undefined
    readonly as?: string | undefined
    readonly 'on-failure'?: string | undefined
    readonly 'dry-run'?: boolean | undefined
    readonly wait?: boolean | undefined
    readonly json?: boolean | undefined
  }

/** How all of them are run. */
interface EachAsked {
  readonly terms: AskedTerms
  readonly callerEnvironment: Record<string, string>
  readonly whenFull: 'wait' | 'refuse' | undefined
}

/** Whether the options ask for many runs. */
export function isForEach(values: EachWords): boolean {
  return ['for-each', 'for-each-line', 'for-each-row'].some((name) => name in values)
}

/**
 * Checks what the options and words ask for, and makes what adds a run for each.
 * @param words before `--`, and behind it.
 * @throws WrongUsage at once.
 */
export function runForEach(
  values: EachWords,
  words: { readonly before: readonly string[]; readonly behind: readonly string[] },
  asked: EachAsked,
): (client: Client<ServiceContract>, context: CommandContext) => Promise<number> {
  const { template: templateName, as: name = 'line' } = values
  const sources = [values['for-each'], values['for-each-line'], values['for-each-row']]
  if (sources.filter((each) => each !== undefined).length > 1)
    throw new WrongUsage('Give one of --for-each, --for-each-line and --for-each-row')
  if (values.stdin) throw new WrongUsage('Many commands cannot share one standard input. Leave --stdin out')
  if (!parameterName.safeParse(name).success)
    throw new WrongUsage(`"${name}" is no name. It begins with a small letter, and has letters, digits and _`)
  const onFailure = values['on-failure'] ?? 'go-on'
  if (onFailure !== 'go-on' && onFailure !== 'stop')
    throw new WrongUsage(`"${onFailure}" is neither go-on nor stop`)
  const database = values['for-each-row']
  const hasQuery = database !== undefined && !isRun(database)
  const sql = hasQuery ? words.before[0] : undefined
  const rest = hasQuery ? words.before.slice(1) : words.before
  if (hasQuery && sql === undefined) throw new WrongUsage('Give the query before --, as one word')
  const command = [...rest, ...words.behind]
  if (templateName !== undefined && command.length > 0)
    throw new WrongUsage('A template says what is run. Leave out the words behind --, or --template')
  const spec = templateName === undefined ? specOf(values, command) : undefined

  return async (client, context) => {
    const { signal, output } = context
    const used =
      templateName === undefined ? undefined : await readTemplate(client, templateName, values, signal)
    const source = await sourceOf(client, values, used ? lineName(used, values.as) : name, sql, context)
    const fan = used ? ofTemplate(used, source) : ofCommand(spec, source)
    if (values['dry-run']) {
      const { total, first } = await client.call('fanOut.preview', { ...fan, count: SHOWN }, { signal })
      for (const one of first) await output.write(`${commandWithVariables(one)}\n`)
      if (total > first.length) await output.write(`… ${total} in all\n`)
      await output.end()
      return EXIT.done
    }
    const terms = used ? termsWith(used.template, asked.terms) : asked.terms
    const added = await client.call('fanOut.run', { ...fan, ...asked, terms, onFailure }, { signal })
    if (values.json) await output.write(`${JSON.stringify(added)}\n`)
    else await output.write(added.runs.map((id) => `${id}\n`).join(''))
    await output.end()
    return values.wait ? untilAllEnded(client, added.runs, context) : EXIT.done
  }
}

const isRun = (word: string): boolean => /^[1-9]\d{0,14}$/.test(word)

function ofCommand(command: CommandSpec | undefined, source: FanSource): FanOut {
  if (!command) throw new Error('unreachable')
  return { source, command, parameters: null, values: {} }
}

function ofTemplate(
  { template, values }: Awaited<ReturnType<typeof readTemplate>>,
  source: FanSource,
): FanOut {
  const { command, parameters, name } = template
  return { source, command, parameters, values, template: name }
}

/** The parameter that a line is: the one that was named, one called "line", or the only one that has no value yet. */
function lineName(
  { template, values }: { template: Template; values: Readonly<Record<string, string>> },
  named: string | undefined,
): string {
  if (named !== undefined) return named
  const { parameters } = template
  const open = parameters.filter((each) => !(each.name in values) && defaultOf(each) === undefined)
  const [only] = open.length === 0 ? parameters : open
  if (parameters.some(({ name }) => name === 'line') || !only || open.length > 1) return 'line'
  return only.name
}

async function sourceOf(
  client: Client<ServiceContract>,
  values: EachWords,
  name: string,
  sql: string | undefined,
  { input, signal }: CommandContext,
): Promise<FanSource> {
  const file = values['for-each-line']
  const row = values['for-each-row']
  if (row !== undefined) return { kind: 'result', run: await rowsOf(client, row, sql, signal) }
  if (file === undefined) return { kind: 'values', name, values: values['for-each'] ?? [] }
  if (file !== '-') return { kind: 'lines', name, path: resolve(file) }
  const lines = (await readAll(input)).split(/\r?\n/u).filter((line) => line !== '')
  if (lines.length > MAX_FANNED_OUT)
    throw failed('invalid-params', `At most ${MAX_FANNED_OUT} runs are added at once. Give fewer lines.`)
  return { kind: 'values', name, values: lines }
}

/** Runs the query, and waits for its end. @returns the run that has the rows. */
async function rowsOf(
  client: Client<ServiceContract>,
  word: string,
  sql: string | undefined,
  signal: AbortSignal,
): Promise<RunId> {
  if (sql === undefined) return Number(word)
  const { id, state } = await client.stream(
    'query.run',
    { kind: 'query', database: databaseOf(word), mode: 'read-only', sql, rows: 'none' },
    { signal },
  ).result
  if (state.kind === 'failed' && state.cause.kind === 'error')
    throw failed(state.cause.failure.code, state.cause.failure.message, state.cause.failure.details)
  if (state.kind !== 'done') throw failed('cancelled', `Query ${id} did not end by itself: ${state.kind}.`)
  return id
}

/** @returns 0 when all were done. */
async function untilAllEnded(
  client: Client<ServiceContract>,
  ids: RunId[],
  { signal, say }: CommandContext,
): Promise<number> {
  const { finished } = await client.call('runs.wait', { ids, until: 'all' }, { signal })
  const bad = finished.filter(({ state }) => state.kind !== 'done')
  if (bad.length > 0)
    say(`offloop: ${bad.length} of ${ids.length} did not end well, run ${bad[0]?.id ?? 0} first`)
  return bad.length > 0 ? EXIT.failed : EXIT.done
}
