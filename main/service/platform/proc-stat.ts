/** What /proc/PID/stat says, as far as it is used; see proc_pid_stat(5). */
export interface ProcessStat {
  readonly parent: number
  readonly group: number
  /** Clock ticks after boot. */
  readonly startTime: string
  /** A zombie or dead: only its exit status is left. */
  readonly ended: boolean
}

/** Positions after the name, which is field 2 and may itself contain spaces and parentheses. */
const STATE = 0
const PARENT = 1
const GROUP = 2
const START_TIME = 19

/** Reads the line of /proc/PID/stat; undefined when it is not one. */
export function parseStat(text: string): ProcessStat | undefined {
  const afterName = text.lastIndexOf(')')
  if (afterName < 0) return undefined
  const fields = text
    .slice(afterName + 1)
    .trim()
    .split(' ')
  const state = fields[STATE]
  const startTime = fields[START_TIME]
  if (state === undefined || startTime === undefined) return undefined
  return {
    parent: Number(fields[PARENT]),
    group: Number(fields[GROUP]),
    startTime,
    ended: state === 'Z' || state === 'X' || state === 'x',
  }
}
