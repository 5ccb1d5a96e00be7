import type { OutputPart } from '#contract/output-part.ts'
import type { CommandRun } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { Attempt } from '../../commands/attempt.ts'

/** Absolute paths of the files of one part of an output. */
export interface PartFiles {
  readonly output: string
  readonly lines: string
  readonly gap: string
  readonly times: string
  /** Where in it standard error is, if it has both and they are told apart. */
  readonly apart: string | undefined
}

/** @throws RequestFailed `not-found` for the standard error of a run that has it not told apart. */
export function partOf(
  { id, spec }: Pick<CommandRun, 'id' | 'spec'>,
  attempt: Attempt,
  part: OutputPart = 'all',
): PartFiles {
  const { output, lines, gap, times, apart, errors, errorsLines, errorsGap, errorsTimes } = attempt
  const isApart = hasErrorsApart(spec)
  switch (part) {
    case 'all':
      return { output, lines, gap, times, apart: isApart ? apart : undefined }
    case 'errors':
      if (isApart)
        return { output: errors, lines: errorsLines, gap: errorsGap, times: errorsTimes, apart: undefined }
      throw failed(
        'not-found',
        `Run ${id} has its standard error among its output, where it cannot be told any more. Ask for it to be told apart ` +
          'when you start the command again.',
      )
    default:
      return part satisfies never
  }
}

/** Whether a command's standard error is told apart: a terminal shows both alike. */
export function hasErrorsApart({ separateErrors, terminal }: CommandRun['spec']): boolean {
  return separateErrors === true && terminal === undefined
}
