import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import type { Contract } from '#contract/channel.ts'
import type { RunId } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import { makeNodeChannel } from '#kit/channel-fixture.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { shellLine } from '../../commands/open-service-fixture.ts'
import { attemptOf } from '../../commands/attempt.ts'
import { openForTest, serviceFolder, serviceProcess } from '../../commands/service-fixture.ts'

/** The clock of files lags behind the other by a tick of the system, 10 ms at most. */
const TICK_MS = 50

const contract = { 'output.lines': serviceContract['output.lines'] } satisfies Contract

async function linesOf({ outputs }: Awaited<ReturnType<typeof openForTest>>, id: RunId, from = 0) {
  const [near, far] = makeNodeChannel()
  const serving = serve(contract, far, outputs.handlers)
  onTestFinished(() => serving.close())
  const window = connect(contract, near, dialWithPortPerRequest(near, makeNodeChannel))
  return (await window.call('output.lines', { id, from, count: 100, times: true })).lines
}

test('each line says when it arrived, while the command runs, after its end and after a restart', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const before = Date.now()
  const { id } = await service.commands.run(
    shellLine('echo one; until [ -e go ]; do sleep 0.01; done; echo two; printf three', folder),
  )
  await expect.poll(async () => (await linesOf(service, id)).length, { timeout: 20_000 }).toBe(1)
  const [first] = await linesOf(service, id)
  const between = Date.now()
  writeFileSync(`${folder}/go`, '')
  await service.final(id)
  const after = Date.now()
  const [one, two, three] = await linesOf(service, id)
  expect(one).toEqual(first)
  for (const line of [one, two, three])
    expect(line?.arrived?.[0]).toBeLessThanOrEqual(line?.arrived?.[1] ?? 0)
  expect(one?.arrived?.[1]).toBeGreaterThanOrEqual(before - TICK_MS)
  expect(one?.arrived?.[1]).toBeLessThanOrEqual(between)
  expect(two?.arrived?.[1]).toBeGreaterThanOrEqual(between - TICK_MS)
  expect(three?.arrived?.[1]).toBeLessThanOrEqual(after + TICK_MS)
  await service.close()
  const again = await openForTest(folder)
  expect(await linesOf(again, id)).toEqual([one, two, three])
  expect(await linesOf(again, id, 1)).toEqual([two, three])
})

test('what came while nobody looked is said to have come at some time in between', async () => {
  const folder = await serviceFolder()
  const line = (name: string) => `until [ -e ${folder}/${name} ]; do sleep 0.01; done; echo ${name}`
  const first = await serviceProcess(
    folder,
    `echo one; ${line('two')}; touch ${folder}/wrote; ${line('three')}`,
  )
  const [run] = first.runs
  if (!run) throw new Error('unreachable')
  const { times } = attemptOf(`${folder}/runs`, run.id)
  await expect.poll(() => existsSync(times), { timeout: 20_000 }).toBe(true)
  await first.kill()
  const away = Date.now()
  writeFileSync(`${folder}/two`, '')
  await expect.poll(() => existsSync(`${folder}/wrote`), { timeout: 20_000 }).toBe(true)
  // As a crash in the middle of writing leaves it.
  appendFileSync(times, 'torn')
  const service = await openForTest(folder)
  const back = Date.now()
  writeFileSync(`${folder}/three`, '')
  await service.final(run.id)
  const [, two, three] = (await linesOf(service, run.id)).map(({ arrived }) => arrived)
  expect(two?.[0]).toBeLessThanOrEqual(away)
  expect(two?.[1]).toBeLessThanOrEqual(back)
  expect(three?.[1]).toBeGreaterThanOrEqual(back - TICK_MS)
  expect(readFileSync(times).length % 24).toBe(0)
})

test('of an output whose times were not noted, it is known that it came between the start and the end', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const { id } = await service.commands.run(shellLine('echo one'))
  const { state } = await service.final(id)
  rmSync(service.attempt(id).times, { force: true })
  if (state.kind !== 'done') throw new Error(`The command is ${state.kind}.`)
  expect(await linesOf(service, id)).toEqual([
    { text: 'one', cutFrom: null, arrived: [state.startedAt, state.endedAt] },
  ])
})
