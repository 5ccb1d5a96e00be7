import type { CommandSpec } from '#contract/run.ts'
import { folderRefused, inputRefused, programRefused } from './check-start.ts'
import type { Refusal } from './outcome.ts'

/** Says why the system did not let a command begin. @param program what to call the program that was refused */
export function refusalMessage(spec: CommandSpec, { step, code }: Refusal, program: string): string {
  switch (step) {
    case 'chdir':
      return folderRefused(spec.folder, code)
    case 'input':
      return inputRefused(spec.standardInput?.kind === 'file' ? spec.standardInput.path : 'input', code)
    case 'terminal':
      return `The system gave no terminal to this command (${code}). Start it again later, or without a terminal.`
    case 'exec':
      return programRefused(program, code)
    default:
      return step satisfies never
  }
}
