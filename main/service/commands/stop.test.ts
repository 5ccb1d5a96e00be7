import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MARKER } from '#contract/environment.ts'
import type { RunId } from '#contract/run.ts'
import { sendSignal } from '../platform/send-signal.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, processesOf, serviceFolder } from './service-fixture.ts'

/** Starts a line and waits until it has printed `ready`. */
async function started(folder: string, line: string) {
  const service = await openForTest(folder)
  const { id } = await service.commands.run(shellLine(line))
  await ready(service.attempt(id).output)
  return { service, id }
}

async function ready(output: string): Promise<void> {
  await expect.poll(() => readFileSync(output, 'utf8'), { timeout: 5_000, interval: 10 }).toContain('ready')
}

describe('stop', () => {
  test('ends a willing command with TERM and says so once it has ended', async () => {
    const folder = await serviceFolder()
    const { service, id } = await started(folder, 'echo ready; sleep 100')
    const states: string[] = []
    service.runs.watch(({ state }) =>
      states.push(state.kind === 'running' ? `running ${state.stopping}` : state.kind),
    )
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
    expect(states.filter((state, index) => states.indexOf(state) === index)).toEqual([
      'running true',
      'cancelled',
    ])
    expect(await processesOf(folder)).toEqual([])
  })

  test('lets the command tidy up and keeps what it says then', async () => {
    const { service, id } = await started(
      await serviceFolder(),
      'trap "echo tidy; exit 0" TERM; echo ready; while :; do sleep 0.05; done',
    )
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
    expect(readFileSync(service.attempt(id).output, 'utf8')).toMatch(/^ready\n(Terminated\n)?tidy\n$/)
  })

  test('ends one that ignores TERM with KILL after the grace', async () => {
    const folder = await serviceFolder()
    const { service, id } = await started(folder, 'trap "" TERM; echo ready; while :; do sleep 0.05; done')
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'killed' })
    expect(await processesOf(folder)).toEqual([])
  })

  test('ends a halted command politely', async () => {
    const { service, id } = await started(await serviceFolder(), 'echo ready; kill -STOP $$; sleep 100')
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
  })

  test('waits for the whole group, not for its leader alone', async () => {
    const folder = await serviceFolder()
    const { service, id } = await started(
      folder,
      '(trap "" TERM; while :; do sleep 0.05; done) & echo ready; sleep 100',
    )
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'killed' })
    expect(await processesOf(folder)).toEqual([])
  })

  test('finds descendants that went into sessions of their own, also where their parent is gone', async () => {
    const folder = await serviceFolder()
    const { service, id } = await started(
      folder,
      '(setsid sh -c "setsid sleep 100 & sleep 100" &) ; (setsid sh -c "trap \'\' TERM; while :; do sleep 0.05; done" &); sleep 0.2; echo ready; sleep 100',
    )
    expect((await processesOf(folder)).length).toBeGreaterThanOrEqual(5)
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'killed' })
    expect(await processesOf(folder)).toEqual([])
  })

  test('leaves another run alone, and whoever else is there', async () => {
    const folder = await serviceFolder()
    const { service, id } = await started(folder, 'echo ready; sleep 100')
    const other = await service.commands.run(shellLine('echo ready; sleep 100'))
    await ready(service.attempt(other.id).output)
    const stranger = spawn('sleep', ['100'])
    onTestFinished(() => void stranger.kill('SIGKILL'))
    await service.commands.stop(id)
    expect((await service.runs.get(other.id))?.state.kind).toBe('running')
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    await service.commands.stop(other.id)
  })

  test('never hits an ancestor, even one that has the marker itself', async () => {
    // A service inside a command of another service: it has that command's marker, and must not be found by its own.
    const folder = await serviceFolder()
    const { service, id } = await started(folder, 'echo ready; sleep 100')
    const value = readFileSync(service.attempt(id).intent, 'utf8')
    const linux = new URL('../platform/linux.ts', import.meta.url).href
    const ask = `const { linux } = await import('${linux}'); console.log(JSON.stringify(await linux.members(-1, { name: '${MARKER}', value: '${value}' })))`
    // One process more keeps the shell from becoming node itself.
    const nested = spawn('sh', ['-c', `"$0" --input-type=module -e "$1"; true`, process.execPath, ask], {
      env: { ...process.env, [MARKER]: value },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [answer] = (await once(nested.stdout, 'data')) as [Buffer]
    const pids = (JSON.parse(String(answer)) as { pid: number }[]).map(({ pid }) => pid)
    expect(pids).not.toContain(nested.pid)
    expect(pids).not.toContain(process.pid)
    expect(pids.length).toBeGreaterThan(0)
    await service.commands.stop(id)
  })

  test('asked twice ends once, and both are told', async () => {
    const { service, id } = await started(await serviceFolder(), 'echo ready; sleep 100')
    await Promise.all([service.commands.stop(id), service.commands.stop(id)])
    expect((await service.runs.get(id))?.state.kind).toBe('cancelled')
  })

  test('of a command that has ended, or never was, does nothing', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(shellLine('exit 4'))
    const ended = await service.final(id)
    await service.commands.stop(id)
    await service.commands.stop(99)
    expect(await service.runs.get(id)).toEqual(ended)
  })

  test('before the start keeps the command from ever starting', async () => {
    const folder = await serviceFolder()
    const service = await openForTest(folder)
    const proof = `${folder}/proof`
    let id: RunId | undefined
    const stopped = new Promise<void>((resolve, reject) => {
      const stopWatching = service.runs.watch((run) => {
        stopWatching()
        id = run.id
        // A turn later: the run is known to the commands only when it is on disk.
        setImmediate(() => void service.commands.stop(run.id).then(resolve, reject))
      })
    })
    const run = await service.commands.run(shellLine(`touch ${proof}; sleep 100`))
    await stopped
    const state = (await service.runs.get(id ?? 0))?.state
    expect(run.id).toBe(id)
    expect(state?.kind).toBe('cancelled')
    if (state?.kind === 'cancelled' && state.how === 'before-start') expect(existsSync(proof)).toBe(false)
  })
})

test('a number that means everybody is never signalled', () => {
  for (const pid of [0, 1, -1]) expect(() => sendSignal(pid, 'SIGKILL')).toThrow('that is everybody')
})

test('a signal to nobody says so', async () => {
  const gone = spawn('true')
  await once(gone, 'exit')
  expect(sendSignal(gone.pid ?? 0, 'SIGTERM')).toBe(false)
})

test('a marker that was lost is no reason to stop somebody else', async () => {
  const folder = await serviceFolder()
  const { service, id } = await started(folder, 'echo ready; sleep 1')
  const { intent } = service.attempt(id)
  const value = readFileSync(intent, 'utf8')
  writeFileSync(intent, 'another marker')
  await service.commands.stop(id)
  writeFileSync(intent, value)
  expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled' })
})
