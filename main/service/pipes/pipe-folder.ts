import { join } from 'node:path'
import type { PipeId } from '#contract/pipe-id.ts'

/** The files of a pipe; `pipe.pl` describes them. */
export interface PipeFolder {
  readonly path: string
  readonly plan: string
  readonly pump: string
  readonly control: string
  readonly gauge: string
  readonly end: string
  /** What the process complains about; empty as a rule. */
  readonly trouble: string
  /** The named pipe of a writer. @param number from 1 */
  writer(number: number): string
  reader(number: number): string
}

/** Where a pipe lies. @param pipesFolder absolute path */
export function pipeFolder(pipesFolder: string, id: PipeId): PipeFolder {
  const path = join(pipesFolder, String(id))
  return {
    path,
    plan: join(path, 'plan'),
    pump: join(path, 'pump'),
    control: join(path, 'control'),
    gauge: join(path, 'gauge'),
    end: join(path, 'end'),
    trouble: join(path, 'trouble'),
    writer: (number) => join(path, `w${number}`),
    reader: (number) => join(path, `r${number}`),
  }
}
