import type { CommandSpec } from '#contract/run.ts'
import type { Environment } from '../platform/platform.ts'

/** The variable by which a command's descendants are found, wherever they have gone. */
export const MARKER = 'OFFLOOP_RUN'

/** Offloop's own variables are no business of a command. */
const OWN_VARIABLE = /^OFFLOOP_/

/**
 * The environment of a command: what Offloop was started with, Python told not to hold back its output, the person's
 * changes, and the marker.
 */
export function commandEnvironment(
  base: Environment,
  changes: CommandSpec['environment'],
  marker: string,
): Environment {
  const inherited = Object.entries(base).filter(([name]) => !OWN_VARIABLE.test(name))
  const changed = Object.entries(changes).map(([name, value]) => [name, value ?? undefined] as const)
  return {
    PYTHONUNBUFFERED: '1',
    ...Object.fromEntries(inherited),
    ...Object.fromEntries(changed),
    [MARKER]: marker,
  }
}
