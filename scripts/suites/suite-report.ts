import { stripVTControlCharacters } from 'node:util'

/** What a reporter found while a suite ran. */
export type SuiteReport = {
  passed: number
  failed: number
  skipped: SkippedTest[]
  /** What failed, as far as it has a name: for the end of the output, where a person or a cut log finds it. */
  failures: TestFailure[]
  /** Tests that failed and passed when they were repeated; counted as passed, and never kept quiet. */
  unsteady: TestFailure[]
}

export type TestFailure = {
  title: string
  /** The first lines of its first error. */
  message: string
}

/** So many lines of an error say what it was. */
const MESSAGE_LINES = 6
/** A line may hold a whole page of figures; so many characters of it say which. */
const MESSAGE_LENGTH = 600

/** @param error as the tool gave it, with its colours. */
export function testFailure(title: string, error: string | undefined): TestFailure {
  const plain = stripVTControlCharacters(error ?? 'no message')
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  return {
    title: title.replaceAll('\n', ' '),
    message: lines.slice(0, MESSAGE_LINES).join('\n').slice(0, MESSAGE_LENGTH),
  }
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
    value.skipped.every(isSkippedTest) &&
    'failures' in value &&
    isListOfFailures(value.failures) &&
    'unsteady' in value &&
    isListOfFailures(value.unsteady)
  )
}

function isListOfFailures(value: unknown): value is TestFailure[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item: unknown) =>
        typeof item === 'object' &&
        item !== null &&
        'title' in item &&
        typeof item.title === 'string' &&
        'message' in item &&
        typeof item.message === 'string',
    )
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
