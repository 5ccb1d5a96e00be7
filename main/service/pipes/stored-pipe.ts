import { z } from 'zod'
import { pipe, pipeSpread, type Pipe } from '#contract/pipe.ts'
import { runId } from '#contract/run-id.ts'
import { failed } from '#kit/request-failed.ts'
import type { PipeRow } from '../app-database/pipe-operations.ts'

const end = z.object({
  run: runId,
  /** A command has its wrapper's records; anything else is a process of Offloop. */
  kind: z.enum(['command', 'host']),
})

/** What does not change in the life of a pipe. */
const pipeContent = z.object({
  createdAt: z.number().int(),
  capacity: z.number().int(),
  spread: pipeSpread,
  strict: z.boolean(),
  /** The run with which all others start; null while the runs are being made. */
  leader: runId.nullable(),
  writers: z.array(end),
  readers: z.array(end),
})
export type PipeContent = z.infer<typeof pipeContent>

const stored = pipe.pick({ state: true, size: true, added: true, writers: true, readers: true })
export type StoredState = z.infer<typeof stored>

/** Reads a pipe from its row. @throws RequestFailed `database` when it does not fit the contract. */
export function readPipe(row: PipeRow): { readonly content: PipeContent; readonly stored: StoredState } {
  try {
    return {
      content: pipeContent.parse(JSON.parse(row.content)),
      stored: stored.parse(JSON.parse(row.state)),
    }
  } catch (error) {
    throw failed(
      'database',
      `Pipe ${row.id} is not stored as it should be (${error instanceof Error ? error.name : String(error)}).`,
    )
  }
}

/** A pipe as everybody is told of it. */
export function shownPipe(id: number, content: PipeContent, now: StoredState): Pipe {
  const { createdAt, capacity, spread, strict } = content
  return { id, createdAt, capacity, spread, strict, ...now }
}
