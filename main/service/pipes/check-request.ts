import { engineOf } from '#contract/database.ts'
import type { PipeEnd, PipeRequest } from '#contract/pipe.ts'
import { failed } from '#kit/request-failed.ts'
import { checkCommand } from '../commands/check-command.ts'

/** Refuses what cannot be joined. @throws RequestFailed `invalid-params` */
export function checkRequest({ stages, spread, terms = {} }: PipeRequest): void {
  const isPlain = Object.entries(terms).every(
    ([name, value]) => value === undefined || name === 'pool' || name === 'priority',
  )
  stages.forEach((ends, stage) => {
    for (const end of ends) checkPlace(end, stage, stages)
    if (stage > 0 && ends.length > 1 && spread === undefined)
      throw refused(
        `${ends.length} runs read from one pipe. Say whether each of them gets everything (copy), or each line one of them (share).`,
      )
  })
  if (terms.retries)
    throw refused(
      'A pipe cannot be tried again by itself: what went through it is gone. Leave the retries out.',
    )
  if (stages[0]?.[0]?.kind === 'query' && !isPlain)
    throw refused(
      'A pipe that begins with a query starts at once. Leave out what it should wait for, or begin with a command.',
    )
}

function checkPlace(end: PipeEnd, stage: number, stages: PipeRequest['stages']): void {
  switch (end.kind) {
    case 'command':
      checkCommand(end)
      if (end.terminal)
        throw refused(
          'A terminal reads and shows what it likes, so a command in one cannot be part of a pipe. Run it without.',
        )
      if (stage > 0 && end.standardInput)
        throw refused(
          'A command that reads from a pipe has no other standard input. Leave one of the two out.',
        )
      return
    case 'query':
      if (stage > 0) throw refused('A query reads from no pipe. Begin the pipe with it.')
      if ((stages[0]?.length ?? 0) > 1)
        throw refused(
          'The rows of a query are not merged with what others write: their columns would not fit. Give the query a pipe of its own.',
        )
      if (end.format.kind === 'xlsx')
        throw refused('A workbook cannot be written into a pipe. Choose CSV or JSON lines.')
      return
    case 'table': {
      if (stage < stages.length - 1) throw refused('Nothing comes out of a table. End the pipe with it.')
      if ((stages[stage - 1]?.length ?? 0) > 1 && end.format.kind === 'csv' && end.format.header)
        throw refused(
          'Several commands would each write a line of names into the table. Let them write JSON lines, or CSV without names.',
        )
      if ((stages[stage]?.length ?? 0) > 1)
        throw refused('A table does not share its pipe with other readers. Give it a pipe of its own.')
      if (stages[stage - 1]?.some(({ kind }) => kind === 'query'))
        throw refused(
          'A query and a table are joined without a pipe: export the rows to a file and import it.',
        )
      if (engineOf(end.database) === 'result')
        throw refused(`"${end.database}" is no database that rows could be loaded into.`)
      return
    }
    default:
      end satisfies never
  }
}

function refused(message: string): Error {
  return failed('invalid-params', message)
}
