import type { FullConfig, Reporter, Suite, TestCase, TestError } from 'playwright/types/testReporter'
import { testFailure, type SuiteReport, type TestFailure } from './suite-report.ts'
import { writeReport } from './write-report.ts'

/** Counts for the test command. Each error that belongs to no test counts as a failure. */
export default class PlaywrightReporter implements Reporter {
  #tests: Suite | null = null
  readonly #errors: TestError[] = []

  onBegin(_config: FullConfig, tests: Suite): void {
    this.#tests = tests
  }

  onError(error: TestError): void {
    this.#errors.push(error)
  }

  async onEnd(): Promise<void> {
    const outside = this.#errors.map((error) => testFailure('outside of any test', error.message))
    const report: SuiteReport = {
      passed: 0,
      failed: outside.length,
      skipped: [],
      failures: outside,
      unsteady: [],
    }
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
          report.skipped.push({ title: titleOf(test), reason: note?.description ?? null })
          break
        }
        case 'flaky':
          report.passed += 1
          report.unsteady.push(firstFailure(test))
          break
        case 'unexpected':
          report.failed += 1
          report.failures.push(firstFailure(test))
          break
        default:
          unreachable(outcome)
      }
    }
    await writeReport(report)
  }
}

function titleOf(test: TestCase): string {
  return test.titlePath().filter(Boolean).join(' › ')
}

function firstFailure(test: TestCase): TestFailure {
  return testFailure(titleOf(test), test.results.flatMap(({ errors }) => errors)[0]?.message)
}

function unreachable(outcome: never): never {
  throw new Error(`unknown outcome of a test: ${String(outcome)}`)
}
