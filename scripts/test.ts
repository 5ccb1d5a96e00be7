import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ElectronForSuites } from './suites/electron-for-suites.ts'
import { groupSuites } from './suites/group-suites.ts'
import { inLanes } from './suites/in-lanes.ts'
import { runSuite, type SuiteResult } from './suites/run-suite.ts'
import { selectSuites } from './suites/select-suites.ts'
import type { Suite } from './suites/suite.ts'
import { SUITES } from './suites/suites.ts'
import { isGreen, summary } from './suites/summary.ts'
import { runTask } from './task/run-task.ts'

/** Of the suites that run beside others each keeps about one processor busy, and most machines have two at least. */
const LANES = 2
const EXIT_FAILED = 1
const EXIT_USAGE = 2

/** `npm test`: runs every suite, also after a failure, and ends with one line that counts them all. */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const selection = selectSuites(SUITES, taskArguments)
  if (selection.kind === 'refused') {
    say(selection.message)
    return EXIT_USAGE
  }
  const electron = new ElectronForSuites(root, signal, say)
  // Not among the temporary files, where something else may clear away what a run of an hour has counted.
  await mkdir(join(root, '.cache'), { recursive: true })
  const reports = await mkdtemp(join(root, '.cache', 'reports-'))
  try {
    const run = (suite: Suite): Promise<SuiteResult> => {
      say(`\n── ${suite.name}: ${suite.about}`)
      const reportFile = join(reports, `${suite.name}.json`)
      const context = {
        root,
        signal,
        extra: selection.extra,
        reportFile,
        electron: () => electron.environment(),
      }
      return runSuite(suite, context, say)
    }
    const results: SuiteResult[] = []
    for (const group of groupSuites(selection.suites)) results.push(...(await inLanes(LANES, group, run)))
    say(`\n${summary(results)}`)
    return isGreen(results) ? 0 : EXIT_FAILED
  } finally {
    await electron.close()
    await rm(reports, { recursive: true, force: true })
  }
})
