import type { CommandSpec } from '#contract/run.ts'
import type { WrapperInput } from '../platform/platform.ts'
import type { Attempt } from './attempt.ts'

/** Where the wrapper finds what its command reads. A text lies in the folder of the attempt. */
export function wrapperInput({ standardInput, terminal }: CommandSpec, attempt: Attempt): WrapperInput {
  switch (standardInput?.kind) {
    case undefined:
      return { kind: 'nothing' }
    case 'text':
      return { kind: 'file', path: attempt.input }
    case 'file':
      return { kind: 'file', path: standardInput.path }
    case 'open':
      // In a terminal there is nothing to open: whatever is sent is typed there.
      return { kind: terminal ? 'nothing' : 'pipe' }
    default:
      return standardInput satisfies never
  }
}
