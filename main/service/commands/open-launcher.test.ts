import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RunId } from '#contract/run.ts'
import { parseStat } from '../platform/proc-stat.ts'
import { launchRequest } from './launch-request.ts'
import { LAUNCHERS, useLauncher } from './launcher-fixture.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder } from './service-fixture.ts'

type Service = Awaited<ReturnType<typeof openForTest>>

/** The process that has started the wrapper of a run. */
function launcherOf(service: Service, id: RunId): number {
  const wrapper = readFileSync(service.attempt(id).wrapper, 'utf8').split('\n')[0] ?? ''
  return parseStat(readFileSync(`/proc/${wrapper}/stat`, 'latin1'))?.parent ?? 0
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

afterEach(() => void vi.unstubAllEnvs())

describe.each(LAUNCHERS)('commands that are started %s', (_by, launcher) => {
  beforeEach(() => useLauncher(launcher))

  test.runIf(process.platform === 'linux')(
    'are not taken along by a launcher that is killed: each ends with its real exit status, and the next ones start',
    async () => {
      const service = await openForTest(await serviceFolder())
      const line = `until test -e ${service.runsFolder}/go; do sleep 0.02; done; echo end; exit 7`
      const { id } = await service.commands.run(shellLine(line))
      const launcher = launcherOf(service, id)
      process.kill(launcher, 'SIGKILL')
      // At the same time: whether it begins or not, it is told truly.
      const racing = await service.commands.run(shellLine('echo racing'))
      const next = await service.commands.run(shellLine(`touch ${service.runsFolder}/go`))
      expect((await service.final(id)).state).toMatchObject({ kind: 'failed', cause: { exitCode: 7 } })
      expect(readFileSync(service.attempt(id).output, 'utf8')).toBe('end\n')
      expect((await service.final(next.id)).state.kind).toBe('done')
      const { state } = await service.final(racing.id)
      expect(['done', 'interrupted']).toContain(state.kind)
    },
  )

  test('share one launcher, which ends with its service', async () => {
    const service = await openForTest(await serviceFolder())
    const [one, two] = await Promise.all(
      ['sleep 100', 'sleep 100'].map((line) => service.commands.run(shellLine(line))),
    )
    const launcher = launcherOf(service, one?.id ?? 0)
    expect(launcherOf(service, two?.id ?? 0)).toBe(launcher)
    await service.scheduler.kill(one?.id ?? 0)
    await service.scheduler.kill(two?.id ?? 0)
    await service.close()
    await expect.poll(() => isThere(launcher)).toBe(false)
  })
})

test('a request has its length before it, and no zero byte within a text', () => {
  const request = launchRequest(7, ['a b', '', 'ü'], { A: 'x=y', GONE: undefined, B: '' })
  expect(request?.readUInt32BE()).toBe((request?.length ?? 0) - 4)
  expect(request?.toString('utf8', 4).split('\0')).toEqual(['7', '3', 'a b', '', 'ü', 'A=x=y', 'B='])
  expect(launchRequest(7, ['a\0b'], {})).toBeUndefined()
  expect(launchRequest(7, ['a'], { A: '\0' })).toBeUndefined()
})
