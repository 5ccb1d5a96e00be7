import type { RunId, WaitingReason } from '#contract/run.ts'
import type { CommandContext } from '../command.ts'
import { reasonWords } from './run-words.ts'

/** Makes what says why a run waits, once for each set of reasons: to a person, or to whoever has asked for that. */
export function waitingSayer(
  { say, isSeen }: Pick<CommandContext, 'say' | 'isSeen'>,
  verbose: boolean | undefined,
): (id: RunId, reasons: readonly WaitingReason[]) => void {
  let said = ''
  return (id, reasons) => {
    // A start that is under way is over sooner than it is read.
    if (!(verbose ?? isSeen) || reasons.every(({ kind }) => kind === 'starting')) return
    const words = reasons.map(reasonWords).join(', ')
    if (words !== said) say(`offloop: run ${id} waits: ${words}`)
    said = words
  }
}
