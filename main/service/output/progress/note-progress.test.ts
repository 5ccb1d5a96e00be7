import { expect, onTestFinished, test, vi } from 'vitest'
import type { OutputProgress } from '#contract/run.ts'
import { openForTest, serviceFolder } from '../../commands/service-fixture.ts'
import { shellLine } from '../../commands/open-service-fixture.ts'
import { noteProgress } from './note-progress.ts'

test('a run tells how far it is by what its command writes, and no longer when it has ended', async () => {
  const service = await openForTest(await serviceFolder())
  const line = `printf 'building\\n[1/4] a\\n'; while [ ! -e go ]; do sleep 0.02; done; printf '[4/4] d\\n'`
  const told = new Promise<OutputProgress['told']>((resolve) => {
    onTestFinished(
      service.runs.watch(({ kind, progress }) => {
        if (kind === 'command' && progress.told) resolve(progress.told)
      }),
    )
  })
  const { id } = await service.commands.run(shellLine(line, await serviceFolder()))
  expect(await told).toEqual({ fraction: 0.25, counted: { done: 1, total: 4 }, endsAt: null })
  await service.commands.stop(id)
  const { progress } = await service.final(id)
  expect(progress).toEqual({ bytes: 17, lines: 2 })
})

test('a command that lasts is told how long its earlier runs took, also when it writes nothing', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const told: unknown[] = []
  const spec = shellLine('make')
  const run = { kind: 'command', spec } as never
  const status = { bytes: 0, lines: 0, indexedBytes: 0, complete: false, gap: null, overLimit: false }
  const notes = noteProgress(
    {
      progress: (_id, progress) => void told.push(progress),
      present: () => run,
      commandDurations: async (asked) => (asked === spec ? [9_000, 7_000, 8_000] : []),
    },
    1,
    { status, latest: () => new Uint8Array(0) },
    () => undefined,
  )
  await vi.advanceTimersByTimeAsync(1_500)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toEqual([{ bytes: 0, lines: 0, usual: { durationMs: 8_000, basedOn: 3 } }])
  notes.changed()
  notes.close()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toHaveLength(1)
})
