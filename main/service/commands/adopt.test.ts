import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { RunState } from '#contract/run.ts'
import { statesOnDisk } from '../app-database/database-fixture.ts'
import { attemptOf } from './attempt.ts'
import { LAUNCHERS, useLauncher } from './launcher-fixture.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, processesOf, serviceFolder, serviceProcess } from './service-fixture.ts'

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => alive(pid), { timeout: 5_000, interval: 10 }).toBe(false)
}

/** Changes a line of a record: 0 the pid, 1 the start time, 2 the boot id. */
function forge(record: string, line: number, value: string): void {
  const lines = readFileSync(record, 'utf8').split('\n')
  lines[line] = value
  writeFileSync(record, lines.join('\n'))
}

// A variable that a test has changed is as it was for the next one.
afterEach(() => void vi.unstubAllEnvs())

describe.each(LAUNCHERS)('after kill -9 of the service, with commands started %s', (_by, launcher) => {
  beforeEach(() => useLauncher(launcher))

  test('a command goes on, is taken over, and ends with its real exit status and all its output', async () => {
    const folder = await serviceFolder()
    const first = await serviceProcess(
      folder,
      `for i in 1 2 3 4 5 6 7 8; do seq $i 20000; sleep 0.1; done; until test -e ${folder}/go; do sleep 0.02; done; exit 7`,
    )
    await first.kill()
    const [run] = first.runs
    if (!run) throw new Error('unreachable')
    const service = await openForTest(folder)
    const adopted = await service.runs.get(run.id)
    expect(adopted?.state).toMatchObject({ kind: 'running', adopted: true, stopping: false })
    writeFileSync(`${folder}/go`, '')
    const ended = await service.final(run.id)
    expect(ended.state).toMatchObject({ kind: 'failed', cause: { kind: 'exit', exitCode: 7 } })

    const expected = [1, 2, 3, 4, 5, 6, 7, 8]
      .map((from) => Array.from({ length: 20_001 - from }, (_, index) => `${from + index}\n`).join(''))
      .join('')
    const hash = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')
    expect(hash(readFileSync(service.attempt(run.id).output))).toBe(hash(expected))
    expect(ended.progress).toEqual({ bytes: expected.length, lines: expected.split('\n').length - 1 })
  })

  test('a command that ended meanwhile has its real end in the history', async () => {
    const folder = await serviceFolder()
    const first = await serviceProcess(folder, 'sleep 0.2; exit 5', 'sleep 0.2', 'sleep 0.2; kill -6 $$')
    await first.kill()
    const exits = first.runs.map(({ id }) => attemptOf(`${folder}/runs`, id).exit)
    await expect.poll(() => exits.every((file) => existsSync(file)), { timeout: 5_000 }).toBe(true)
    const service = await openForTest(folder)
    const states = (await Promise.all(first.runs.map(({ id }) => service.final(id)))).map(
      ({ state }) => state,
    )
    const kinds = states.map((state: RunState) => (state.kind === 'failed' ? state.cause : state))
    expect(kinds).toMatchObject([
      { kind: 'exit', exitCode: 5 },
      { kind: 'done' },
      { kind: 'killed', signal: 6 },
    ])
  })

  test('a command is taken over as often as it must, and can be stopped then', async () => {
    const folder = await serviceFolder()
    const first = await serviceProcess(folder, 'echo one; sleep 100')
    await first.kill()
    const second = await serviceProcess(folder)
    await second.kill()
    const service = await openForTest(folder)
    const { id } = first.runs[0] ?? { id: 0 }
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
    expect(await processesOf(folder)).toEqual([])
  })

  test('many commands at once are each taken over once, and none is started again', async () => {
    const folder = await serviceFolder()
    const lines = Array.from(
      { length: 12 },
      (_, index) => `echo begun >> ${folder}/begun-${index}; sleep 1; exit ${index}`,
    )
    const first = await serviceProcess(folder, ...lines)
    await first.kill()
    const service = await openForTest(folder)
    const states = (await Promise.all(first.runs.map(({ id }) => service.final(id)))).map(
      ({ state }) => state,
    )
    expect(
      states.map((state) =>
        state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : 0,
      ),
    ).toEqual(lines.map((_, index) => index))
    for (const index of lines.keys()) expect(readFileSync(`${folder}/begun-${index}`, 'utf8')).toBe('begun\n')
  })
})

describe('a stop that a service did not live to finish', () => {
  test('is finished by the next one', async () => {
    const folder = await serviceFolder()
    const first = await openForTest(folder)
    const { id } = await first.commands.run(shellLine('trap "" TERM; while :; do sleep 0.05; done'))
    const { state } = (await first.runs.get(id)) ?? {}
    if (state?.kind !== 'running') throw new Error('unreachable')
    await first.runs.transition(id, { ...state, stopping: true })
    await first.close()
    const service = await openForTest(folder)
    expect((await service.final(id)).state).toMatchObject({ kind: 'cancelled', how: 'killed' })
  })

  test('is known from the record of the end', async () => {
    const folder = await serviceFolder()
    const first = await openForTest(folder)
    const { id } = await first.commands.run(shellLine('exec sleep 100'))
    const { state } = (await first.runs.get(id)) ?? {}
    if (state?.kind !== 'running') throw new Error('unreachable')
    await first.runs.transition(id, { ...state, stopping: true })
    await first.close()
    process.kill(state.pid ?? 0, 'SIGTERM')
    await expect.poll(() => existsSync(first.attempt(id).exit), { timeout: 5_000 }).toBe(true)
    const service = await openForTest(folder)
    expect((await service.final(id)).state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
  })
})

describe('what cannot be known is lost, and never guessed', () => {
  async function leftRunning(line = 'sleep 1') {
    const folder = await serviceFolder()
    const first = await serviceProcess(folder, line)
    // The disk may have the step from its intent to its start a moment later than anybody else.
    await vi.waitFor(() => expect(statesOnDisk(folder)).toEqual(['running']), 5_000)
    await first.kill()
    const [run] = first.runs
    if (run?.state.kind !== 'running') throw new Error('unreachable')
    const attempt = attemptOf(`${folder}/runs`, run.id)
    const wrapperPid = Number(readFileSync(attempt.wrapper, 'utf8').split('\n')[0])
    return { folder, id: run.id, pid: run.state.pid ?? 0, attempt, wrapperPid }
  }

  test('when its wrapper and the command were killed', async () => {
    const { folder, id, pid, wrapperPid } = await leftRunning('exec sleep 100')
    process.kill(wrapperPid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await gone(pid)
    const service = await openForTest(folder)
    const { state } = await service.final(id)
    expect(state).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('was ended from outside') as string,
    })
  })

  test('when another process has its pid by now', async () => {
    const { folder, id, attempt, pid, wrapperPid } = await leftRunning('exec sleep 100')
    process.kill(wrapperPid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await gone(pid)
    const stranger = spawn('sleep', ['100'])
    onTestFinished(() => void stranger.kill('SIGKILL'))
    for (const record of [attempt.wrapper, attempt.command]) forge(record, 0, String(stranger.pid))
    const service = await openForTest(folder)
    expect((await service.final(id)).state.kind).toBe('lost')
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  })

  test('when the computer was restarted since', async () => {
    const { folder, id, attempt, pid, wrapperPid } = await leftRunning('exec sleep 100')
    process.kill(wrapperPid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    for (const record of [attempt.wrapper, attempt.command]) forge(record, 2, 'another-boot')
    const service = await openForTest(folder)
    expect((await service.final(id)).state).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('computer was restarted') as string,
    })
  })

  test('when its records were removed', async () => {
    const { folder, id, attempt, pid, wrapperPid } = await leftRunning('exec sleep 100')
    process.kill(wrapperPid, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    rmSync(attempt.folder, { recursive: true })
    const service = await openForTest(folder)
    expect((await service.final(id)).state).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('are gone') as string,
    })
  })

  test('when it was meant to start and never did: it is not started then', async () => {
    const folder = await serviceFolder()
    const first = await openForTest(folder)
    const { id } = await first.runs.create(shellLine(`touch ${folder}/proof`))
    await first.close()
    const service = await openForTest(folder)
    expect((await service.final(id)).state.kind).toBe('interrupted')
    expect(existsSync(`${folder}/proof`)).toBe(false)
  })
})

describe.each(LAUNCHERS)('a command whose wrapper alone was killed, started %s', (_by, launcher) => {
  beforeEach(() => useLauncher(launcher))

  async function orphaned(line: string) {
    const folder = await serviceFolder()
    const service = await openForTest(folder)
    const { id, state } = await service.commands.run(shellLine(line))
    if (state.kind !== 'running') throw new Error('unreachable')
    const wrapperPid = Number(readFileSync(service.attempt(id).wrapper, 'utf8').split('\n')[0])
    process.kill(wrapperPid, 'SIGKILL')
    await gone(wrapperPid)
    return { folder, service, id }
  }

  test('is lost once it has ended, with its output', async () => {
    const { service, id } = await orphaned('sleep 0.5; echo whole; exit 3')
    expect((await service.runs.get(id))?.state.kind).toBe('running')
    const ended = await service.final(id)
    expect(ended).toMatchObject({ state: { kind: 'lost' }, progress: { bytes: 6, lines: 1 } })
  })

  test('can still be stopped', async () => {
    const { folder, service, id } = await orphaned('sleep 100')
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'terminated' })
    expect(await processesOf(folder)).toEqual([])
  })
})
