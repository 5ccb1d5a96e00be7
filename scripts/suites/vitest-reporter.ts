import type { Reporter, TestModule } from 'vitest/node'
import { testFailure, type SuiteReport } from './suite-report.ts'
import { writeReport } from './write-report.ts'

/** Longer than any file takes. */
const STILL_RUNNING_MS = 60_000

/**
 * Counts for the test command. Vitest's own JSON reporter leaves out why a test was skipped, and errors outside of tests.
 * A file that could not be loaded, and each error that no test caught, count as one failure.
 */
export default class VitestReporter implements Reporter {
  readonly #running = new Map<string, NodeJS.Timeout>()

  /** A test that blocks its process is never failed by its own time-out: this says in which file it is. */
  onTestModuleStart(module: TestModule): void {
    const timer = setInterval(
      () => console.warn(`Still running: ${module.relativeModuleId}`),
      STILL_RUNNING_MS,
    )
    this.#running.set(module.id, timer.unref())
  }

  onTestModuleEnd(module: TestModule): void {
    clearInterval(this.#running.get(module.id))
    this.#running.delete(module.id)
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Promise<void> {
    const report: SuiteReport = { passed: 0, failed: 0, skipped: [], failures: [], unsteady: [] }
    const fail = (title: string, message: string | undefined): void => {
      report.failed += 1
      report.failures.push(testFailure(title, message))
    }
    for (const error of unhandledErrors) fail('outside of any test', messageOf(error))
    for (const module of modules) {
      const file = module.relativeModuleId
      for (const { message } of module.errors()) fail(file, message)
      for (const test of module.children.allTests()) {
        const result = test.result()
        switch (result.state) {
          case 'passed':
            report.passed += 1
            if (test.diagnostic()?.flaky === true)
              report.unsteady.push(testFailure(`${file} > ${test.fullName}`, result.errors?.[0]?.message))
            break
          case 'skipped':
            report.skipped.push({ title: test.fullName, reason: result.note ?? null })
            break
          case 'failed':
            fail(`${file} > ${test.fullName}`, result.errors[0]?.message)
            break
          case 'pending':
            fail(`${file} > ${test.fullName}`, 'still pending when everything had ended: its process died')
            break
          default:
            unreachable(result)
        }
      }
    }
    await writeReport(report)
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error)
}

function unreachable(result: never): never {
  throw new Error(`unknown state of a test: ${JSON.stringify(result)}`)
}
