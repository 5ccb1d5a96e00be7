import type { PipeEnd, PipeRequest } from '#contract/pipe.ts'
import type { ExportFormat, ImportFormat } from '#contract/transfer.ts'
import { specOf, type CommandDraft } from './command-draft.ts'

/** What stands before and behind a command, as its form has it. */
export interface PipeDraft {
  before: 'nothing' | 'command' | 'query'
  /** For the shell. */
  beforeLine: string
  database: string
  sql: string
  queryFormat: 'csv' | 'jsonl'
  after: 'log' | 'command' | 'table'
  afterLine: string
  tableDatabase: string
  table: string
  append: boolean
  tableFormat: 'csv' | 'jsonl'
}

export function emptyPipe(): PipeDraft {
  return {
    ...{ before: 'nothing', beforeLine: '', database: '', sql: '', queryFormat: 'csv' },
    ...{ after: 'log', afterLine: '', tableDatabase: '', table: '', append: false, tableFormat: 'csv' },
  }
}

/** Whether a pipe is wanted at all. */
export function hasPipe({ before, after }: PipeDraft): boolean {
  return before !== 'nothing' || after !== 'log'
}

/** What a pipe lacks; undefined when it can be made. */
export function missingInPipe(
  pipe: PipeDraft,
  command: CommandDraft,
):
  | 'pipes.noTerminal'
  | 'pipes.twoInputs'
  | 'pipes.missingLine'
  | 'pipes.missingQuery'
  | 'pipes.missingTable'
  | undefined {
  const isBlank = (text: string): boolean => text.trim() === ''
  if (!hasPipe(pipe)) return undefined
  if (command.inTerminal) return 'pipes.noTerminal'
  if (pipe.before !== 'nothing' && command.input !== 'nothing') return 'pipes.twoInputs'
  if (pipe.before === 'command' && isBlank(pipe.beforeLine)) return 'pipes.missingLine'
  if (pipe.before === 'query' && (isBlank(pipe.database) || isBlank(pipe.sql))) return 'pipes.missingQuery'
  if (pipe.after === 'command' && isBlank(pipe.afterLine)) return 'pipes.missingLine'
  if (pipe.after === 'table' && (isBlank(pipe.tableDatabase) || isBlank(pipe.table)))
    return 'pipes.missingTable'
  return undefined
}

/** The pipe that a form describes, and where in it the command itself stands. */
export function pipeOf(
  pipe: PipeDraft,
  command: CommandDraft,
): { readonly request: PipeRequest; readonly at: number } {
  const spec = specOf(command)
  const other = (line: string): PipeEnd => ({
    kind: 'command',
    command: { kind: 'shell', line: line.trim() },
    folder: spec.folder,
    environment: {},
  })
  const before = beforeOf(pipe, other)
  const after = afterOf(pipe, other)
  const ends = [...(before ? [before] : []), spec, ...(after ? [after] : [])]
  return { request: { stages: ends.map((end) => [end]) }, at: before ? 1 : 0 }
}

function beforeOf(pipe: PipeDraft, other: (line: string) => PipeEnd): PipeEnd | undefined {
  switch (pipe.before) {
    case 'nothing':
      return undefined
    case 'command':
      return other(pipe.beforeLine)
    case 'query':
      return {
        kind: 'query',
        database: pipe.database,
        sql: pipe.sql,
        format: pipe.queryFormat === 'csv' ? CSV : { kind: 'jsonl' },
      }
    default:
      return pipe.before satisfies never
  }
}

function afterOf(pipe: PipeDraft, other: (line: string) => PipeEnd): PipeEnd | undefined {
  switch (pipe.after) {
    case 'log':
      return undefined
    case 'command':
      return other(pipe.afterLine)
    case 'table':
      return {
        kind: 'table',
        database: pipe.tableDatabase,
        table: pipe.table.trim(),
        create: !pipe.append,
        format: pipe.tableFormat === 'csv' ? CSV_WITH_NAMES : { kind: 'jsonl' },
      }
    default:
      return pipe.after satisfies never
  }
}

const CSV: ExportFormat = { kind: 'csv', header: true, bom: false, nullText: '', quotes: 'needed' }
const CSV_WITH_NAMES: ImportFormat = {
  kind: 'csv',
  separator: ',',
  header: true,
  nullText: '',
  rows: 'strict',
}
