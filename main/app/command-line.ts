import { join } from 'node:path'
import { app } from 'electron'
import type { Places } from './places.ts'

/** Given by the `offloop` of an installed Offloop, before the words that a person typed. */
const COMMAND_LINE = '--cli'
/** Ends Chromium's own reading of the words. */
const END_OF_SWITCHES = '--'

/**
 * The words for the command line when this start is one, else undefined. An installed Offloop cannot be used as a plain
 * Node, so that its own program runs the command line, without a window and beside the Offloop that answers it.
 */
export function commandLineWords(argv: readonly string[]): readonly string[] | undefined {
  const at = argv.indexOf(COMMAND_LINE)
  if (at === -1) return undefined
  const words = argv.slice(at + 1)
  return words[0] === END_OF_SWITCHES ? words.slice(1) : words
}

/** Keeps what Chromium stores for this short life away from the files of the Offloop that runs on the same profile. */
export function settleCommandLine({ profile }: Places): void {
  app.setPath('sessionData', join(profile, 'command-line', 'chromium'))
  app.dock?.hide()
}
