import type { Reporter, TestModule } from 'vitest/node'
import type { SuiteReport } from './suite-report.ts'
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
    const report: SuiteReport = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      report.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        switch (result.state) {
          case 'passed':
            report.passed += 1
            break
          case 'skipped':
            report.skipped.push({ title: test.fullName, reason: result.note ?? null })
            break
          case 'failed':
          // Still pending when everything has ended: its process died.
          case 'pending':
            report.failed += 1
            break
          default:
            unreachable(result)
        }
      }
    }
    await writeReport(report)
  }
}

function unreachable(result: never): never {
  throw new Error(`unknown state of a test: ${JSON.stringify(result)}`)
}
