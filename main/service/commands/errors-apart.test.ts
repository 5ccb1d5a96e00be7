import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import type { Contract } from '#contract/channel.ts'
import type { Run } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import { makeNodeChannel } from '#kit/channel-fixture.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { errorPlaces } from '../output/apart/error-places.ts'
import { attemptOf, type Attempt } from './attempt.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder, serviceProcess } from './service-fixture.ts'

const apart = (line: string, folder = '/') => ({ ...shellLine(line, folder), separateErrors: true })

const outputContract = {
  'output.lines': serviceContract['output.lines'],
  'output.copy': serviceContract['output.copy'],
} satisfies Contract

function windowOn({ outputs }: Awaited<ReturnType<typeof openForTest>>) {
  const [near, far] = makeNodeChannel()
  const serving = serve(outputContract, far, outputs.handlers)
  onTestFinished(() => serving.close())
  return connect(outputContract, near, dialWithPortPerRequest(near, makeNodeChannel))
}

/** What the files of an attempt say that the command has written to each. */
async function written({ output, apart: map, errors }: Attempt) {
  const bytes = readFileSync(output)
  const { places } = await errorPlaces(map, 0, bytes.length)
  const ends = [{ from: 0, to: 0 }, ...places, { from: bytes.length, to: bytes.length }]
  const between = places.map(({ from, to }) => bytes.subarray(from, to))
  const outside = ends.slice(1).map(({ from }, index) => bytes.subarray(ends[index]?.to ?? 0, from))
  return {
    stdout: Buffer.concat(outside).toString(),
    stderr: Buffer.concat(between).toString(),
    errors: readFileSync(errors, 'utf8'),
  }
}

async function linesOf(window: ReturnType<typeof windowOn>, { id }: Run, part?: 'errors') {
  const { lines } = await window.call('output.lines', { id, part, from: 0, count: 1_000 })
  return lines.map(({ text, errors }) => (errors ? [text, errors] : [text]))
}

test('standard error is told apart byte for byte, however both are mixed, and the output has all of both', async () => {
  const service = await openForTest(await serviceFolder())
  const { id } = await service.commands.run(
    apart(
      `exec perl -e '$| = 1; for (1 .. 20000) { syswrite STDOUT, "out $_\\n"; syswrite STDERR, "err $_\\n" if $_ % 3; } syswrite STDERR, "\\xff\\0 no newline"'`,
    ),
  )
  await service.final(id)
  const numbers = Array.from({ length: 20_000 }, (_, index) => index + 1)
  const { stdout, stderr, errors } = await written(service.attempt(id))
  expect(stdout).toBe(numbers.map((each) => `out ${each}\n`).join(''))
  expect(errors.startsWith(numbers.flatMap((each) => (each % 3 ? [`err ${each}\n`] : [])).join(''))).toBe(
    true,
  )
  expect(readFileSync(service.attempt(id).errors).subarray(-13)).toEqual(
    Buffer.from('\xff\0 no newline', 'latin1'),
  )
  expect(stderr).toBe(errors)
})

test('lines say that they came on standard error, wholly or in part; it can be read by itself', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  // Each waits until the other has arrived: without that, their order is as close as it can be and no more.
  const arrived = (size: number) =>
    `while [ $(wc -c < ${folder}/runs/1/1/output) -lt ${size} ]; do sleep 0.01; done;`
  const run = await service.commands.run(
    apart(
      `echo one; ${arrived(4)} echo two >&2; ${arrived(8)} printf 'th'; ${arrived(10)} echo ree >&2; ${arrived(14)} echo >&2`,
    ),
  )
  await service.final(run.id)
  const window = windowOn(service)
  expect(await linesOf(window, run)).toEqual([['one'], ['two', 'all'], ['three', 'some'], ['', 'all']])
  expect(await linesOf(window, run, 'errors')).toEqual([['two'], ['ree'], ['']])
  expect(await window.call('output.copy', { id: run.id, part: 'errors', from: 1, count: 1 })).toEqual({
    text: 'ree\n',
  })
})

test('without being asked for, nothing is told apart, and who asks for standard error learns why', async () => {
  const service = await openForTest(await serviceFolder())
  const run = await service.commands.run(shellLine('echo one; echo two >&2'))
  await service.final(run.id)
  expect(await linesOf(windowOn(service), run)).toEqual([['one'], ['two']])
  expect(existsSync(service.attempt(run.id).errors)).toBe(false)
  await expect(linesOf(windowOn(service), run, 'errors')).rejects.toMatchObject({ code: 'not-found' })
})

test('after kill -9 of the service and of what carries standard error, the command goes on unhurt, and nothing is lost', async () => {
  const folder = await serviceFolder()
  const line = `until [ -e ${folder}/go ]; do sleep 0.01; done; for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 7`
  const first = await serviceProcess(folder, { spec: apart(line), send: '' })
  const [run] = first.runs
  if (!run) throw new Error('unreachable')
  const attempt = attemptOf(`${folder}/runs`, run.id)
  await expect.poll(() => existsSync(attempt.command), { timeout: 20_000 }).toBe(true)
  const wrapper = readFileSync(attempt.wrapper, 'utf8').split('\n')[0] ?? ''
  const command = readFileSync(attempt.command, 'utf8').split('\n')[0] ?? ''
  await first.kill()
  const carriers = () =>
    execFileSync('ps', ['-o', 'pid=', '--ppid', wrapper], { encoding: 'utf8' })
      .split(/\s+/u)
      .filter((pid) => pid !== '' && pid !== command)
  const before = carriers()
  expect(before).toHaveLength(1)
  process.kill(Number(before[0]), 'SIGKILL')
  await expect.poll(() => carriers().some((pid) => pid !== before[0]), { timeout: 20_000 }).toBe(true)
  const service = await openForTest(folder)
  writeFileSync(`${folder}/go`, '')
  const ended = await service.final(run.id)
  expect(ended.state).toMatchObject({ kind: 'failed', cause: { kind: 'exit', exitCode: 7 } })
  const stdout = 'out 1\nout 2\nout 3\n'
  const stderr = 'err 1\nerr 2\nerr 3\n'
  expect(await written(attempt)).toEqual({ stdout, stderr, errors: stderr })
})

test('the end of a command does not wait for processes that it has left behind, and what they write is kept', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const { id } = await service.commands.run(
    apart(`(until [ -e go ]; do sleep 0.01; done; echo late >&2) & echo now >&2; exit 0`, folder),
  )
  await service.final(id)
  const { errors } = service.attempt(id)
  expect(readFileSync(errors, 'utf8')).toBe('now\n')
  writeFileSync(`${folder}/go`, '')
  await expect.poll(() => readFileSync(errors, 'utf8'), { timeout: 20_000 }).toBe('now\nlate\n')
})
