import type { SuiteResult } from './run-suite.ts'
import type { TestFailure } from './suite-report.ts'

const MS_PER_SECOND = 1000
const HEADINGS = ['suite', 'passed', 'failed', 'skipped', 'time'] as const

/**
 * Sums up all suites for the end of the output.
 *
 * @returns the table, what failed, what passed only when it was repeated, why tests were skipped, and as the very last
 * line `N passed, N failed`, with `, N skipped` where there are any
 */
export function summary(results: readonly SuiteResult[]): string {
  const rows = results.map((result) => [
    result.name,
    String(result.passed),
    String(result.failed),
    String(result.skipped.length),
    `${(result.durationMs / MS_PER_SECOND).toFixed(1)} s`,
  ])
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = [[...HEADINGS], ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  const reasons = results.flatMap(({ skipped }) =>
    skipped.map(({ title, reason }) => `skipped: ${title} (${reason ?? 'no reason given'})`),
  )
  const failures = results.flatMap((result) => result.failures.map((test) => told('failed', result, test)))
  const unsteady = results.flatMap((result) =>
    result.unsteady.map((test) => told('failed, then passed when repeated', result, test)),
  )
  return [...lines, '', ...failures, ...unsteady, ...reasons, totals(results)].join('\n')
}

function told(how: string, suite: SuiteResult, { title, message }: TestFailure): string {
  return `${how}: ${suite.name}: ${title}\n${message.replace(/^/gm, '    ')}`
}

/** @returns whether every suite ran and nothing failed */
export function isGreen(results: readonly SuiteResult[]): boolean {
  return results.length > 0 && results.every(({ failed }) => failed === 0)
}

function totals(results: readonly SuiteResult[]): string {
  const sum = (count: (result: SuiteResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0)
  const skipped = sum((result) => result.skipped.length)
  const counts = `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`
  return skipped > 0 ? `${counts}, ${skipped} skipped` : counts
}
