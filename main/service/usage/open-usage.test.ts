import { appendFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'
import { sampling } from './usage-fixture.ts'
import { appendSamples, readSamples } from './usage-file.ts'

const BUSY = 'while :; do :; done'
const MIB = 1_024 * 1_024

test('a command is sampled while it runs, everybody who looks is told, and its samples are kept with it', async () => {
  const service = await openForTest(await serviceFolder())
  const usage = sampling(service)
  const { id } = await service.commands.run(shellLine(BUSY))
  const seen: number[] = []
  const watched = usage.watch(id, ({ cores }) => void seen.push(cores))
  await expect.poll(() => seen.filter((cores) => cores > 0.05).length, { timeout: 15_000 }).toBeGreaterThan(1)
  await service.commands.stop(id)
  await watched
  const { samples, processorMs, peakMemoryBytes } = await usage.read(id, 100)
  expect(samples.length).toBeGreaterThanOrEqual(seen.length)
  expect(processorMs).toBeGreaterThan(50)
  expect(peakMemoryBytes).toBeLessThan(100 * MIB)
  expect(samples.every(({ processes }) => processes === 1)).toBe(true)

  await appendFile(service.attempt(id).usage, 'torn')
  expect((await usage.read(id, 100)).samples).toEqual(samples)
  expect((await usage.read(id, 1)).samples).toHaveLength(1)
})

test('the samples of many hours are read back as they were', async () => {
  const path = `${await serviceFolder()}/usage`
  const samples = Array.from({ length: 4_000 }, (_, index) => ({
    at: 1_000 * index,
    cores: index % 4,
    memoryBytes: index * MIB,
    readBytes: index % 2 === 0 ? null : index,
    writtenBytes: 2 ** 50 + index,
    processes: index,
  }))
  await appendSamples(path, samples.slice(0, 10))
  await appendSamples(path, samples.slice(10))
  const back = []
  for await (const sample of readSamples(path)) back.push(sample)
  expect(back).toEqual(samples)
})

test('a command that has ended before anybody looked has no samples, and one that is not there is refused', async () => {
  const service = await openForTest(await serviceFolder())
  const usage = sampling(service)
  const { id } = await service.commands.run(shellLine('exit 0'))
  await service.final(id)
  await usage.watch(id, () => undefined)
  expect((await usage.read(id, 10)).samples.length).toBeLessThanOrEqual(1)
  await expect(usage.read(999, 10)).rejects.toMatchObject({ code: 'not-found' })
})
