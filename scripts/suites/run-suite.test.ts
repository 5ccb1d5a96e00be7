import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SetupFailure } from '../runtime/setup-failure.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { runSuite } from './run-suite.ts'
import type { SuiteReport } from './suite-report.ts'
import type { Suite } from './suite.ts'

type Counts = Pick<SuiteReport, 'passed' | 'failed' | 'skipped'>
type Outcome = { result: Counts; lines: string[] }

async function run(change: Partial<Suite>, extra: readonly string[] = []): Promise<Outcome> {
  const root = await temporaryFolder()
  const suite: Suite = {
    name: 'sample',
    about: '',
    requires: [],
    limitMinutes: 1,
    counts: 'once',
    run: () => Promise.resolve(0),
    ...change,
  }
  const { signal } = new AbortController()
  const context = {
    root,
    signal,
    extra,
    reportFile: join(root, 'report.json'),
    electron: () => Promise.resolve({}),
  }
  const lines: string[] = []
  const { passed, failed, skipped } = await runSuite(suite, context, (line) => lines.push(line))
  return { result: { passed, failed, skipped }, lines }
}

/** A suite whose tool ends with this exit code and leaves this report. */
function reports(code: number, report: Counts | string): Partial<Suite> {
  return {
    counts: 'by-report',
    run: async ({ reportFile }) => {
      await writeFile(
        reportFile,
        typeof report === 'string' ? report : JSON.stringify({ failures: [], unsteady: [], ...report }),
      )
      return code
    },
  }
}

const failedOnce = { passed: 0, failed: 1, skipped: [] }

describe('runSuite', () => {
  test('counts a check once, by its exit code', async () => {
    expect((await run({})).result).toEqual({ passed: 1, failed: 0, skipped: [] })
    expect((await run({ run: () => Promise.resolve(2) })).result).toEqual(failedOnce)
  })

  test('fails when the file that it cannot do without is missing', async () => {
    const { result, lines } = await run({ requires: ['sample.config.ts'] })
    expect(result).toEqual(failedOnce)
    expect(lines).toEqual(['sample cannot run: sample.config.ts is missing.'])
  })

  test('fails with its message when Electron cannot be made ready', async () => {
    const refuse = () => Promise.reject(new SetupFailure('no-network', 'No registry answered.'))
    const { result, lines } = await run({ run: refuse })
    expect(result).toEqual(failedOnce)
    expect(lines).toEqual(['No registry answered.'])
  })

  test('stops a suite that does not end, and counts it as failed', async () => {
    const hangs: Suite['run'] = ({ signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(143)))
    const { result, lines } = await run({ run: hangs, limitMinutes: 0.001 })
    expect(result).toEqual(failedOnce)
    expect(lines).toEqual(['sample did not end within 0.001 min and was stopped.'])
  })

  test('counts test by test', async () => {
    const skipped = [{ title: 'a', reason: 'no display' }]
    expect((await run(reports(0, { passed: 7, failed: 0, skipped }))).result).toEqual({
      passed: 7,
      failed: 0,
      skipped,
    })
    expect((await run(reports(1, { passed: 7, failed: 2, skipped: [] }))).result.failed).toBe(2)
  })

  test('fails when no test ran', async () => {
    const { result, lines } = await run(reports(0, { passed: 0, failed: 0, skipped: [] }))
    expect(result).toEqual(failedOnce)
    expect(lines).toEqual(['sample ran no test.'])
  })

  test('fails when its tool failed though no test did', async () => {
    const { result, lines } = await run(reports(1, { passed: 7, failed: 0, skipped: [] }))
    expect(result).toEqual({ passed: 7, failed: 1, skipped: [] })
    expect(lines).toEqual(['sample ended with exit code 1, though no test failed.'])
  })

  test.each(['', '{"passed": 7', '{"passed": 7}'])(
    'fails when its tool leaves the report %j',
    async (report) => {
      const { result, lines } = await run(reports(0, report))
      expect(result).toEqual(failedOnce)
      expect(lines).toEqual(['sample ended with exit code 0 and without a report.'])
    },
  )

  test('counts a test that was skipped without a reason as failed', async () => {
    const unexplained = reports(0, { passed: 7, failed: 0, skipped: [{ title: 'a', reason: null }] })
    const { result, lines } = await run(unexplained)
    expect(result).toEqual({ passed: 7, failed: 1, skipped: [] })
    expect(lines).toEqual(['skipped without a reason, which counts as failed: a'])
  })

  test('does not count tests that a person did not select', async () => {
    const unselected = reports(0, { passed: 1, failed: 0, skipped: [{ title: 'a', reason: null }] })
    expect((await run(unselected, ['-t', 'b'])).result).toEqual({ passed: 1, failed: 0, skipped: [] })
  })
})
