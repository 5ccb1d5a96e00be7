import { access, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailure } from '../runtime/setup-failure.ts'
import { isSuiteReport, type SkippedTest, type SuiteReport } from './suite-report.ts'
import type { Suite, SuiteContext } from './suite.ts'

/** How a suite went. */
export type SuiteResult = SuiteReport & {
  name: string
  durationMs: number
}

/**
 * Runs a suite and counts. A suite that cannot run, runs nothing, or ends with an error that no test shows, has failed
 * once; so has each test that was skipped without saying why.
 *
 * @param say tells the person what the tool itself cannot say
 * @throws the signal's reason after an abort
 */
export async function runSuite(
  suite: Suite,
  context: SuiteContext,
  say: (line: string) => void,
): Promise<SuiteResult> {
  const start = performance.now()
  const report = await tryRun(suite, context, say)
  context.signal.throwIfAborted()
  return { name: suite.name, ...report, durationMs: performance.now() - start }
}

async function tryRun(
  suite: Suite,
  context: SuiteContext,
  say: (line: string) => void,
): Promise<SuiteReport> {
  const missing = await firstMissing(suite, context.root)
  if (missing !== null) {
    say(`${suite.name} cannot run: ${missing} is missing.`)
    return FAILED
  }
  await rm(context.reportFile, { force: true })
  const limit = AbortSignal.timeout(suite.limitMinutes * MS_PER_MINUTE)
  try {
    const code = await suite.run({ ...context, signal: AbortSignal.any([context.signal, limit]) })
    if (limit.aborted && !context.signal.aborted) limit.throwIfAborted()
    switch (suite.counts) {
      case 'once':
        return code === 0 ? PASSED : FAILED
      case 'by-report':
        return judge(suite.name, code, await readReport(context.reportFile), context.extra.length > 0, say)
      default:
        return unreachable(suite.counts)
    }
  } catch (error) {
    context.signal.throwIfAborted()
    if (limit.aborted) {
      say(`${suite.name} did not end within ${suite.limitMinutes} min and was stopped.`)
      return FAILED
    }
    if (!(error instanceof SetupFailure)) throw error
    say(error.message)
    return FAILED
  }
}

const MS_PER_MINUTE = 60_000

const PASSED: SuiteReport = { passed: 1, failed: 0, skipped: [], failures: [], unsteady: [] }
const FAILED: SuiteReport = { passed: 0, failed: 1, skipped: [], failures: [], unsteady: [] }

function judge(
  name: string,
  code: number,
  report: SuiteReport | null,
  isSelection: boolean,
  say: (line: string) => void,
): SuiteReport {
  if (report === null) {
    say(`${name} ended with exit code ${code} and without a report.`)
    return FAILED
  }
  // With arguments of the person's own, a test without a reason is one that they did not select.
  const skipped = report.skipped.filter(({ reason }) => reason !== null)
  const unexplained = isSelection ? [] : report.skipped.filter(({ reason }) => reason === null)
  for (const { title } of unexplained) say(`skipped without a reason, which counts as failed: ${title}`)
  let failed = report.failed + unexplained.length
  if (report.passed + failed === 0) {
    say(`${name} ran no test.`)
    failed = 1
  } else if (code !== 0 && failed === 0) {
    say(`${name} ended with exit code ${code}, though no test failed.`)
    failed = 1
  }
  return { ...report, failed, skipped: skipped.map(clean) }
}

function clean({ title, reason }: SkippedTest): SkippedTest {
  return { title: title.replaceAll('\n', ' '), reason }
}

async function readReport(file: string): Promise<SuiteReport | null> {
  try {
    const report: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isSuiteReport(report) ? report : null
  } catch (error) {
    // The runner crashed before its end, or in the middle of writing.
    if (
      error instanceof SyntaxError ||
      (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    )
      return null
    throw error
  }
}

async function firstMissing(suite: Suite, root: string): Promise<string | null> {
  for (const name of suite.requires) {
    try {
      await access(join(root, name))
    } catch {
      // Whatever keeps it from being read, the suite cannot run with it.
      return name
    }
  }
  return null
}

function unreachable(counts: never): never {
  throw new Error(`unknown way to count: ${String(counts)}`)
}
