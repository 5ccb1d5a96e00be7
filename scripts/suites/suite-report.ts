/** What a reporter found while a suite ran. */
export type SuiteReport = {
  passed: number
  failed: number
  skipped: SkippedTest[]
}

export type SkippedTest = {
  title: string
  /** Why, in the words of the test; null when it gave none, or when it was not selected. */
  reason: string | null
}

/** The variable that tells a reporter where to write its SuiteReport, as JSON. */
export const REPORT_VARIABLE = 'OFFLOOP_SUITE_REPORT'

export function isSuiteReport(value: unknown): value is SuiteReport {
  return (
    typeof value === 'object' &&
    value !== null &&
    'passed' in value &&
    typeof value.passed === 'number' &&
    'failed' in value &&
    typeof value.failed === 'number' &&
    'skipped' in value &&
    Array.isArray(value.skipped) &&
    value.skipped.every(isSkippedTest)
  )
}

function isSkippedTest(value: unknown): value is SkippedTest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'title' in value &&
    typeof value.title === 'string' &&
    'reason' in value &&
    (value.reason === null || typeof value.reason === 'string')
  )
}
