import type { AppDescription } from '#contract/supervision.ts'
import type { ProfileSizes } from './measure-profile.ts'

/** With less than this free a result or an output may not find room. */
const LEAST_FREE_BYTES = 1_000_000_000
const BYTES_PER_MB = 1_000_000

/** Something that is not as it should be, and what to do about it. */
export interface Problem {
  readonly code: 'not-running' | 'other-version' | 'not-responding' | 'restarted' | 'disk-full'
  readonly message: string
}

export interface Findings {
  readonly version: string
  readonly profile: string
  readonly log: string
  /** Undefined when Offloop does not run. */
  readonly app: AppDescription | undefined
  readonly sizes: ProfileSizes
}

/** What is wrong with an Offloop; empty when all is well. */
export function findProblems({ version, profile, log, app, sizes }: Findings): Problem[] {
  const problems: Problem[] = []
  if (!app)
    problems.push({
      code: 'not-running',
      message: `Offloop does not run for ${profile}. Open its window, or give a command such as "offloop ls", which starts it.`,
    })
  if (app && app.version !== version)
    problems.push({
      code: 'other-version',
      message: `Offloop ${app.version} runs, and this is ${version}. Say "offloop quit" and start it again.`,
    })
  for (const { role, pid, state, restarts } of app?.processes ?? []) {
    if (state === 'not-responding')
      problems.push({
        code: 'not-responding',
        message: `The process ${role} (${pid}) does not respond. It is ended and started again by itself; if it stays so, say "offloop quit".`,
      })
    if (restarts > 0)
      problems.push({
        code: 'restarted',
        message: `The process ${role} had to be started again ${restarts} times. ${log} says why.`,
      })
  }
  if (sizes.free < LEAST_FREE_BYTES)
    problems.push({
      code: 'disk-full',
      message: `Only ${Math.round(sizes.free / BYTES_PER_MB)} MB are free on the disk of ${profile}. Delete runs, or keep fewer results in the settings.`,
    })
  return problems
}
