import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { gapMarker } from '#contract/output-gap.ts'
import { serviceContract } from '#contract/service.ts'
import type { Contract } from '#contract/channel.ts'
import { makeNodeChannel } from '#kit/channel-fixture.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { shellLine } from '../../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../../commands/service-fixture.ts'
import { thisPlatform } from '../../platform/this-platform.ts'
import { readOutput } from '../read-output.ts'

const LIMIT = 1024 * 1024
/** Of `stat`. */
const BLOCK_BYTES = 512
const LINES = 400_000

const outputContract = {
  'output.watch': serviceContract['output.watch'],
  'output.lines': serviceContract['output.lines'],
  'output.copy': serviceContract['output.copy'],
  'output.search': serviceContract['output.search'],
} satisfies Contract

function windowOn({ outputs }: Awaited<ReturnType<typeof openForTest>>) {
  const [near, far] = makeNodeChannel()
  const serving = serve(outputContract, far, outputs.handlers)
  onTestFinished(() => serving.close())
  return connect(outputContract, near, dialWithPortPerRequest(near, makeNodeChannel))
}

async function needsHoles(test: TestContext, folder: string): Promise<void> {
  const trial = join(folder, 'trial')
  writeFileSync(trial, Buffer.alloc(64 * 1024, 1))
  if (!(await thisPlatform().freeRange(trial, 0, 64 * 1024)))
    test.skip('the file system of the temporary folder gives no part of a file back')
}

/** Everything that one can still read of an output, with the marker for what one cannot. */
async function readAll(files: { output: string; gap: string }): Promise<string> {
  const parts: Uint8Array[] = []
  for (let at = 0; ;) {
    const { bytes, from, gone } = await readOutput(files, at, LIMIT)
    if (gone > 0) parts.push(Buffer.from(gapMarker({ from: from - gone, to: from })))
    if (bytes.length === 0) break
    parts.push(bytes)
    at = from + bytes.length
  }
  return Buffer.concat(parts).toString()
}

test('a log at its limit loses its middle while the command goes on, and everybody is told', async (context) => {
  const folder = await serviceFolder()
  await needsHoles(context, folder)
  const service = await openForTest(folder, { logLimitBytes: LIMIT })
  const window = windowOn(service)
  const half = LINES / 2
  const line = `seq 1 ${half}; while [ ! -e ${folder}/go ]; do sleep 0.02; done; seq ${half + 1} ${LINES}`
  const { id } = await service.commands.run(shellLine(line))
  const watching = window.stream('output.watch', { id })
  for await (const { gap } of watching) if (gap) writeFileSync(join(folder, 'go'), '')
  const { gap, lines, bytes, complete, overLimit } = await watching.result
  if (!gap) throw new Error('nothing was given up')
  expect({ lines, complete, overLimit }).toEqual({ lines: LINES, complete: true, overLimit: false })
  const run = await service.final(id)
  expect(run).toMatchObject({ state: { kind: 'done' }, progress: { bytes, lines: LINES, gone: gap.bytes } })

  const files = service.attempt(id)
  expect(statSync(files.output).size).toBe(bytes)
  expect(statSync(files.output).blocks * BLOCK_BYTES).toBeLessThanOrEqual(LIMIT)

  // What is left is exactly what was written, at its old place.
  const whole = Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join('')
  const { from, to } = JSON.parse(readFileSync(files.gap, 'utf8')) as { from: number; to: number }
  expect(to - from).toBe(gap.bytes)
  expect(await readAll(files)).toBe(whole.slice(0, from) + gapMarker({ from, to }) + whole.slice(to))

  await service.close()
  {
    const later = windowOn(await openForTest(folder))
    const page = async (first: number, count: number) =>
      (await later.call('output.lines', { id, from: first, count })).lines
    expect(await page(gap.fromLine - 1, 1)).toEqual([{ text: String(gap.fromLine), cutFrom: null }])
    expect((await page(gap.fromLine, 1))[0]).toMatchObject({ gone: 'rest' })
    expect((await page(gap.toLine - 1, 3)).map(({ text, gone }) => gone ?? text)).toEqual([
      'all',
      'all',
      String(gap.toLine + 2),
    ])
    expect(await page(LINES - 1, 5)).toEqual([{ text: String(LINES), cutFrom: null }])
    const { text } = await later.call('output.copy', {
      id,
      from: gap.fromLine - 1,
      count: gap.toLine - gap.fromLine + 3,
    })
    expect(text).toContain(`${gap.fromLine}\n`)
    expect(text).toContain(gapMarker({ from, to }))
    expect(text.endsWith(`\n${gap.toLine + 2}\n`)).toBe(true)

    const query = { text: `^(7|${LINES - 1})$`, regex: true, matchCase: true }
    const found: number[] = []
    const search = later.stream('output.search', { id, query })
    for await (const { hits } of search) found.push(...hits.map((hit) => hit.line))
    expect(found).toEqual([6, LINES - 2])
  }
})

test('one line without an end is cut too, and a log that is counted anew keeps its lines', async (context) => {
  const folder = await serviceFolder()
  await needsHoles(context, folder)
  const service = await openForTest(folder, { logLimitBytes: LIMIT })
  const { id } = await service.commands.run(
    shellLine(`head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 1 200000 | tail -n 3`),
  )
  const { kind, progress } = await service.final(id)
  expect(progress).toMatchObject({ lines: 4 })
  expect(kind === 'command' && progress.gone).toBeGreaterThan(1_000_000)
  await service.close()
  writeFileSync(service.attempt(id).lines, 'damaged')
  const { lines } = await windowOn(await openForTest(folder)).call('output.lines', { id, from: 0, count: 9 })
  expect(lines.map(({ text, gone }) => [text.slice(0, 6), gone])).toEqual([
    ['xxxxxx', 'rest'],
    ['199998', undefined],
    ['199999', undefined],
    ['200000', undefined],
  ])
})

test('where a file cannot be cut it stays whole, and that is said', async () => {
  const service = await openForTest(await serviceFolder(), {
    logLimitBytes: LIMIT,
    freeRange: () => Promise.resolve(false),
  })
  const { id } = await service.commands.run(shellLine('seq 1 300000'))
  const { progress } = await service.final(id)
  expect(progress).toEqual({ bytes: 1_988_895, lines: 300_000, overLimit: true })
  expect(await readAll(service.attempt(id))).toHaveLength(1_988_895)
})
