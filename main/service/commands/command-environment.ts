import { MARKER } from '#contract/environment.ts'
import type { CommandSpec } from '#contract/run.ts'
import type { Environment } from '../platform/platform.ts'

/** Offloop's own variables are no business of a command. */
const OWN_VARIABLE = /^OFFLOOP_/

/** What draws the terminal understands this. */
const TERMINAL = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }
/** The size of another terminal, which some programs would believe more than their own. */
const OTHER_SIZE = /^(?:LINES|COLUMNS)$/

/**
 * The environment of a command: what Offloop was started with, Python told not to hold back its output, in a terminal
 * which one that is, the person's changes, and the marker.
 */
export function commandEnvironment(
  base: Environment,
  changes: Readonly<Record<string, string | null>>,
  terminal: CommandSpec['terminal'],
  marker: string,
): Environment {
  const inherited = Object.entries(base).filter(
    ([name]) => !OWN_VARIABLE.test(name) && !(terminal && OTHER_SIZE.test(name)),
  )
  const changed = Object.entries(changes).map(([name, value]) => [name, value ?? undefined] as const)
  return {
    PYTHONUNBUFFERED: '1',
    ...Object.fromEntries(inherited),
    ...(terminal && TERMINAL),
    ...Object.fromEntries(changed),
    [MARKER]: marker,
  }
}
