import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../process/run-command.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { REPORT_VARIABLE, isSuiteReport, type SuiteReport } from './suite-report.ts'

const bin = join(import.meta.dirname, '..', '..', 'node_modules', '.bin')

/** Runs a test file under the real runner. */
async function report(
  tool: string,
  words: readonly string[],
  file: string,
  content: string,
): Promise<SuiteReport> {
  const folder = await temporaryFolder()
  const reportFile = join(folder, 'report.json')
  await writeFile(join(folder, file), content)
  const { stdout, stderr } = await runCommand(
    join(bin, tool),
    words.map((word) => word.replace('FOLDER', folder)),
    {
      signal: new AbortController().signal,
      cwd: import.meta.dirname,
      env: { ...withoutVitest(), [REPORT_VARIABLE]: reportFile },
    },
  )
  const written = await readFile(reportFile, 'utf8').catch(() =>
    expect.fail(`no report:\n${stdout}\n${stderr}`),
  )
  const parsed: unknown = JSON.parse(written)
  return isSuiteReport(parsed) ? parsed : expect.fail(`no report: ${written}`)
}

/** A runner behaves differently when it finds itself inside vitest. */
function withoutVitest(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV)/.test(name)),
  )
}

describe('the reporter for vitest', () => {
  const words = [
    'run',
    '--globals',
    '--root',
    'FOLDER',
    '--reporter',
    join(import.meta.dirname, 'vitest-reporter.ts'),
  ]

  test('counts what passed, failed and was skipped, with the reason', async () => {
    const content = `
      test('passes', () => {})
      test('fails', () => expect(1).toBe(2))
      describe('on a bare machine', () => test('skips', (context) => context.skip('no display')))
      test.skip('is switched off', () => {})
    `
    expect(await report('vitest', words, 'sample.test.ts', content)).toEqual({
      passed: 1,
      failed: 1,
      failures: [{ title: 'sample.test.ts > fails', message: 'expected 1 to be 2 // Object.is equality' }],
      unsteady: [],
      skipped: [
        { title: 'on a bare machine > skips', reason: 'no display' },
        { title: 'is switched off', reason: null },
      ],
    })
  })

  test('counts what passed when it was repeated as passed, and names it', async () => {
    const content = `let tries = 0
      test('passes late', { retry: 1 }, () => expect(++tries).toBe(2))`
    expect(await report('vitest', words, 'late.test.ts', content)).toMatchObject({
      passed: 1,
      failed: 0,
      unsteady: [
        {
          title: 'late.test.ts > passes late',
          message: expect.stringContaining('expected 1 to be 2') as unknown,
        },
      ],
    })
  })

  test('counts an error that belongs to no test, and a file that cannot be loaded', async () => {
    const late = `test('passes', () => { void Promise.reject(new Error('nobody waits for this')) })`
    expect(await report('vitest', words, 'late.test.ts', late)).toMatchObject({ passed: 1, failed: 1 })
    const broken = `throw new Error('at the top'); test('never runs', () => {})`
    expect(await report('vitest', words, 'broken.test.ts', broken)).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe('the reporter for Playwright', () => {
  const words = [
    'test',
    '--config',
    'FOLDER',
    '--reporter',
    join(import.meta.dirname, 'playwright-reporter.ts'),
  ]
  const head = `import { expect, test } from '${join(bin, '..', 'playwright', 'test.mjs')}'\n`

  test('counts what passed, failed and was skipped, with the reason', async () => {
    const content = `${head}
      test('passes', () => {})
      test('fails', () => expect(1).toBe(2))
      test('skips', () => test.skip(true, 'no display'))
      test.describe.serial('in a row', () => {
        test('fails first', () => expect(1).toBe(2))
        test('is not reached', () => {})
      })
    `
    expect(await report('playwright', words, 'sample.spec.ts', content)).toEqual({
      passed: 1,
      failed: 2,
      failures: ['sample.spec.ts › fails', 'sample.spec.ts › in a row › fails first'].map((title) => ({
        title,
        message: expect.stringContaining('expect(received).toBe(expected)') as unknown,
      })),
      unsteady: [],
      skipped: [
        { title: 'sample.spec.ts › skips', reason: 'no display' },
        { title: 'sample.spec.ts › in a row › is not reached', reason: null },
      ],
    })
  })

  test('counts what passed when it was repeated as passed, and names it', async () => {
    const content = `${head}
      test.describe.configure({ retries: 1 })
      test('passes late', ({}, { retry }) => expect(retry).toBe(1))
    `
    expect(await report('playwright', words, 'late.spec.ts', content)).toMatchObject({
      passed: 1,
      failed: 0,
      unsteady: [
        { title: 'late.spec.ts › passes late', message: expect.stringContaining('Received: 0') as unknown },
      ],
    })
  })

  test('counts a file that cannot be loaded', async () => {
    const broken = `throw new Error('at the top')`
    const { passed, failed } = await report('playwright', words, 'broken.spec.ts', broken)
    expect(passed).toBe(0)
    expect(failed).toBeGreaterThan(0)
  })
})
