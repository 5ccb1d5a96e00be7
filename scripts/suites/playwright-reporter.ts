import type { FullConfig, Reporter, Suite } from 'playwright/types/testReporter'
import type { SuiteReport } from './suite-report.ts'
import { writeReport } from './write-report.ts'

/**
 * Counts for the test command. A test that passed only when it was repeated counts as failed, and so does each error that
 * belongs to no test.
 */
export default class PlaywrightReporter implements Reporter {
  #tests: Suite | null = null
  #errors = 0

  onBegin(_config: FullConfig, tests: Suite): void {
    this.#tests = tests
  }

  onError(): void {
    this.#errors += 1
  }

  async onEnd(): Promise<void> {
    const report: SuiteReport = { passed: 0, failed: this.#errors, skipped: [] }
    for (const test of this.#tests?.allTests() ?? []) {
      const outcome = test.outcome()
      switch (outcome) {
        case 'expected':
          report.passed += 1
          break
        case 'skipped': {
          const note = [...test.annotations, ...test.results.flatMap((result) => result.annotations)].find(
            ({ type }) => type === 'skip' || type === 'fixme',
          )
          report.skipped.push({
            title: test.titlePath().filter(Boolean).join(' › '),
            reason: note?.description ?? null,
          })
          break
        }
        case 'unexpected':
        case 'flaky':
          report.failed += 1
          break
        default:
          unreachable(outcome)
      }
    }
    await writeReport(report)
  }
}

function unreachable(outcome: never): never {
  throw new Error(`unknown outcome of a test: ${String(outcome)}`)
}
