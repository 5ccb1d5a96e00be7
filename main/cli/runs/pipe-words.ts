import { resolve } from 'node:path'
import { whoWaits, type Pipe, type PipeEnd, type PipeRequest } from '#contract/pipe.ts'
import type { CommandSpec } from '#contract/run.ts'
import type { ExportFormat, ImportFormat } from '#contract/transfer.ts'
import { databaseOf } from '../database-word.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { commandOf, splitWords } from './command-words.ts'

/** Between two stages of a pipe. */
const INTO = '--into'
/** Between two runs side by side. */
const AND = '--and'

const FORMATS = ['csv', 'tsv', 'jsonl'] as const
type Format = (typeof FORMATS)[number]

/** The words of a pipe: its own, and those of its commands. */
export interface PipeWords {
  /** Before the first `--`, without those of the next two. */
  readonly own: readonly string[]
  readonly query: { readonly database: string; readonly sql: string } | undefined
  readonly table: { readonly database: string; readonly table: string } | undefined
  /** The words of each command, stage by stage. */
  readonly stages: readonly (readonly (readonly string[])[])[]
}

/** Cuts the words where one command ends and the next begins. @throws WrongUsage */
export function splitPipe(words: readonly string[]): PipeWords {
  const stages = split(words, INTO).map((stage) => split(stage, AND))
  const first = splitWords(stages[0]?.[0] ?? [])
  const { rest, taken: query } = takePair(first.own, '--query', 'a database and a statement')
  const { rest: own, taken: table } = takePair(rest, '--into-table', 'a database and a table')
  const commands = stages.map((stage, at) =>
    stage.map((one, index) => (at === 0 && index === 0 ? first.command : behindDashes(one))),
  )
  const isEmpty = commands[0]?.[0]?.length === 0
  return {
    own,
    query: query && { database: databaseOf(query[0]), sql: query[1] },
    table: table && { database: databaseOf(table[0]), table: table[1] },
    stages: query && isEmpty ? commands.slice(1) : commands,
  }
}

function split(words: readonly string[], at: string): string[][] {
  const parts: string[][] = [[]]
  for (const word of words) {
    if (word === at) parts.push([])
    else parts.at(-1)?.push(word)
  }
  return parts
}

function behindDashes(words: readonly string[]): readonly string[] {
  if (words[0] !== '--') throw new WrongUsage(`Write -- before "${words[0] ?? ''}", as before each command`)
  return words.slice(1)
}

function takePair(
  words: readonly string[],
  name: string,
  what: string,
): { readonly rest: readonly string[]; readonly taken: readonly [string, string] | undefined } {
  const at = words.indexOf(name)
  if (at < 0) return { rest: words, taken: undefined }
  const [first, second] = words.slice(at + 1)
  if (first === undefined || second === undefined) throw new WrongUsage(`${name} takes ${what}`)
  return { rest: [...words.slice(0, at), ...words.slice(at + 3)], taken: [first, second] }
}

/** How the commands and rows of a pipe are to be taken. */
export interface PipeOptions {
  readonly shell: boolean
  readonly folder: string | undefined
  readonly environment: CommandSpec['environment']
  readonly callerEnvironment: Record<string, string>
  readonly format: string | undefined
  readonly tableFormat: string | undefined
  readonly header: boolean
  readonly append: boolean
}

/** The stages of a pipe. @throws WrongUsage */
export function stagesOf(words: PipeWords, options: PipeOptions): PipeRequest['stages'] {
  const { query, table } = words
  const format = formatOf(options.format ?? 'csv')
  const stages: PipeEnd[][] = words.stages.map((stage) => stage.map((one) => commandEnd(one, options)))
  if (query) stages.unshift([{ kind: 'query', ...query, format: queryFormat(format, options.header) }])
  if (table) {
    const written = formatOf(options.tableFormat ?? options.format ?? 'csv')
    const create = !options.append
    stages.push([{ kind: 'table', ...table, create, format: tableFormat(written, options.header) }])
  }
  if (stages.length < 2) throw new WrongUsage('Say what reads it: --into -- <program>, or --into-table')
  return stages
}

function commandEnd(words: readonly string[], options: PipeOptions): PipeEnd {
  const { shell, folder, environment, callerEnvironment } = options
  return {
    kind: 'command',
    command: commandOf(words, shell),
    folder: resolve(folder ?? '.'),
    environment,
    callerEnvironment,
  }
}

function formatOf(word: string): Format {
  const found = FORMATS.find((format) => format === word)
  if (found) return found
  throw new WrongUsage(`"${word}" is no format of a pipe. Give csv, tsv or jsonl`)
}

function queryFormat(kind: Format, header: boolean): ExportFormat {
  return kind === 'jsonl' ? { kind } : { kind, header, bom: false, nullText: '', quotes: 'needed' }
}

function tableFormat(kind: Format, header: boolean): ImportFormat {
  if (kind === 'jsonl') return { kind }
  return { kind: 'csv', separator: kind === 'tsv' ? '\t' : ',', header, nullText: '', rows: 'strict' }
}

/** Reads a size such as `64k`, `8M` or `1G`, or a number of bytes. @throws WrongUsage */
export function sizeOf(word: string): number {
  const [, number, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(word) ?? []
  if (number === undefined) throw new WrongUsage(`"${word}" is no size. Give one such as 64k, 8M or 1G`)
  return Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
}

/** How a pipe stands, as one line. */
export function pipeWords(pipe: Pipe): string {
  const { id, state, size, capacity } = pipe
  switch (state.kind) {
    case 'waiting':
      return `pipe ${id}: waiting for its first run`
    case 'flowing':
      return `pipe ${id}: ${size} of ${capacity} bytes, ${waitWords(pipe)}`
    case 'whole':
      return `pipe ${id}: everything was handed on, ${bytesOf(pipe)} bytes`
    case 'ended-early':
      return `pipe ${id}: ${runWord(state.run)} ended before it had read everything`
    case 'cut':
      return `pipe ${id}: ${runWord(state.run)} was broken off before it had written everything`
    case 'broken':
      return `pipe ${id}: the process that held its buffer was ended from outside, and what was in it is lost`
    default:
      return state satisfies never
  }
}

function waitWords(pipe: Pipe): string {
  const waiting = whoWaits(pipe)
  switch (waiting) {
    case 'writers':
      return `full: ${runsWord(pipe.writers)} waits for room`
    case 'readers':
      return `empty: ${runsWord(pipe.readers)} waits for bytes`
    case 'nobody':
      return 'nobody waits'
    default:
      return waiting satisfies never
  }
}

function runsWord(ends: readonly { readonly run: number }[]): string {
  return `run ${ends.map(({ run }) => run).join(', ')}`
}

function runWord(run: number | null): string {
  return run === null ? 'one of its runs' : `run ${run}`
}

function bytesOf({ writers }: Pipe): number {
  return writers.reduce((sum, { bytes }) => sum + bytes, 0)
}
