import { describe, expect, test } from 'vitest'
import type { SuiteResult } from './run-suite.ts'
import { isGreen, summary } from './summary.ts'

const steady = { skipped: [], failures: [], unsteady: [] }
const lint: SuiteResult = { name: 'lint', passed: 1, failed: 0, ...steady, durationMs: 5_120 }
const unit: SuiteResult = { name: 'unit', passed: 120, failed: 2, ...steady, durationMs: 61_040 }
const e2e: SuiteResult = {
  name: 'e2e',
  passed: 3,
  failed: 0,
  ...steady,
  skipped: [{ title: 'runs sandboxed', reason: 'root has no sandbox' }],
  durationMs: 900,
}

describe('summary', () => {
  test('ends with one plain line that counts all suites', () => {
    expect(summary([lint, unit])).toBe(
      [
        'suite  passed  failed  skipped    time',
        'lint        1       0        0   5.1 s',
        'unit      120       2        0  61.0 s',
        '',
        '121 passed, 2 failed',
      ].join('\n'),
    )
  })

  test('names what failed, and what passed only when it was repeated, where the output ends', () => {
    const failures = [{ title: 'adds', message: 'expected 1 to be 2\nat line 7' }]
    const unsteady = [{ title: 'scrolls', message: 'a frame of 120 ms' }]
    expect(
      summary([{ ...unit, failed: 1, failures, unsteady }])
        .split('\n')
        .slice(-6),
    ).toEqual([
      'failed: unit: adds',
      '    expected 1 to be 2',
      '    at line 7',
      'failed, then passed when repeated: unit: scrolls',
      '    a frame of 120 ms',
      '120 passed, 1 failed',
    ])
  })

  test('says why a test was skipped, and counts it', () => {
    expect(summary([e2e]).split('\n').slice(-2)).toEqual([
      'skipped: runs sandboxed (root has no sandbox)',
      '3 passed, 0 failed, 1 skipped',
    ])
  })
})

describe('isGreen', () => {
  test('is false for any failure, and when nothing ran', () => {
    expect(isGreen([lint, e2e])).toBe(true)
    expect(isGreen([lint, unit])).toBe(false)
    expect(isGreen([])).toBe(false)
  })
})
