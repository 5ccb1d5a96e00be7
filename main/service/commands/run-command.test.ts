import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommandSpec, Run } from '#contract/run.ts'
import { readIfThere } from './attempt.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder } from './service-fixture.ts'

const program = (name: string, args: string[] = [], folder = '/'): CommandSpec => ({
  kind: 'command',
  command: { kind: 'program', program: name, args },
  folder,
  environment: {},
})

async function output(spec: CommandSpec): Promise<{ run: Run; text: string }> {
  const service = await openForTest(await serviceFolder())
  const { id } = await service.commands.run(spec)
  const run = await service.final(id)
  const { output: file } = service.attempt(id)
  return { run, text: existsSync(file) ? readFileSync(file, 'utf8') : '' }
}

describe('Process: a command', () => {
  test('is running with its pid when it is acknowledged, and then done with its time and output', async () => {
    const service = await openForTest(await serviceFolder())
    const run = await service.commands.run(shellLine('echo out; echo err >&2; sleep 0.3; printf last'))
    expect(run.state).toMatchObject({
      kind: 'running',
      stopping: false,
      adopted: false,
      pid: expect.any(Number) as number,
    })
    const ended = await service.final(run.id)
    expect(ended).toMatchObject({ state: { kind: 'done' }, progress: { bytes: 12, lines: 3 } })
    const { state } = ended
    if (state.kind !== 'done') throw new Error('unreachable')
    expect(state.durationMs).toBeGreaterThanOrEqual(290)
    expect(state.endedAt).toBeGreaterThan(state.startedAt)
    expect(readFileSync(service.attempt(run.id).output, 'utf8')).toBe('out\nerr\nlast')
    expect((await readIfThere(service.attempt(run.id).trouble)) ?? '').toBe('')
  })

  test.each([1, 3, 127, 143, 255])('that exits with %i has failed with exactly that', async (exitCode) => {
    const { run } = await output(shellLine(`exit ${exitCode}`))
    expect(run.state).toMatchObject({ kind: 'failed', cause: { kind: 'exit', exitCode } })
  })

  test.each([1, 2, 9, 11, 13, 15])('that signal %i ends was killed, and did not exit', async (signal) => {
    const { run } = await output(shellLine(`kill -${signal} $$`))
    expect(run.state).toMatchObject({ kind: 'killed', signal })
  })

  test('gets its arguments byte for byte, whatever is in them', async () => {
    const args = ['', ' ', '$HOME', '"', "'", '`id`', '; exit 9', '\\', '*', '日本語', '-e', 'a\nb']
    const { text } = await output(program('/usr/bin/printf', ['%s\\0', ...args]))
    expect(text.split('\0').slice(0, -1)).toEqual(args)
  })

  test('gets no standard input, so that it cannot wait for any', async () => {
    const { run, text } = await output(program('cat'))
    expect([run.state.kind, text]).toEqual(['done', ''])
  })

  test('runs in its folder with the environment of the person, as changed by the command', async () => {
    process.env['OFFLOOP_SECRET_OF_ITS_OWN'] = 'hidden'
    process.env['TO_BE_UNSET'] = 'here'
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run({
      ...shellLine('pwd; env', '/usr/share'),
      environment: { ADDED: 'a=b c', TO_BE_UNSET: null, PERL5OPT: '-Mnothing', PERL5LIB: '/nowhere' },
    })
    expect((await service.final(id)).state.kind).toBe('done')
    const lines = readFileSync(service.attempt(id).output, 'utf8').split('\n')
    expect(lines[0]).toBe('/usr/share')
    expect(lines).toEqual(
      expect.arrayContaining([
        'ADDED=a=b c',
        'PYTHONUNBUFFERED=1',
        'PERL5OPT=-Mnothing',
        'PERL5LIB=/nowhere',
        `PATH=${process.env['PATH'] ?? ''}`,
      ]),
    )
    const own = lines.filter((line) => /^(TO_BE_UNSET|OFFLOOP_)/.test(line))
    expect(own).toEqual([`OFFLOOP_RUN=${readFileSync(service.attempt(id).intent, 'utf8')}`])
    delete process.env['OFFLOOP_SECRET_OF_ITS_OWN']
    delete process.env['TO_BE_UNSET']
  })

  test('given as a line goes to the shell of the person', async () => {
    const { text } = await output({
      kind: 'command',
      command: { kind: 'shell', line: 'echo "$0" | tr a-z A-Z && echo 2 >&2' },
      folder: '/',
      environment: { SHELL: '/bin/sh' },
    })
    expect(text).toBe('/BIN/SH\n2\n')
  })

  test('answers signals as it would in a terminal: none is ignored from birth', async () => {
    const { text } = await output(shellLine('grep -E "^Sig(Ign|Blk)" /proc/self/status'))
    expect(text.match(/0000000000000000/g)).toHaveLength(2)
  })

  test('has no files open but its own', async () => {
    const { text } = await output(shellLine('ls /proc/$$/fd; readlink /proc/$$/fd/0'))
    expect(text).toBe('0\n1\n2\n/dev/null\n')
  })

  test('may leave a child behind that goes on writing; the run ends with the command itself', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(shellLine('(sleep 0.5; echo later) & echo now'))
    expect((await service.final(id)).state.kind).toBe('done')
    await expect
      .poll(() => readFileSync(service.attempt(id).output, 'utf8'), { timeout: 5_000 })
      .toBe('now\nlater\n')
  })

  test('that floods writes every byte', async () => {
    const { run, text } = await output(shellLine('seq 1 300000'))
    const expected = `${Array.from({ length: 300_000 }, (_, index) => index + 1).join('\n')}\n`
    expect(run.progress).toEqual({ bytes: expected.length, lines: 300_000 })
    const hash = (data: string): string => createHash('sha256').update(data).digest('hex')
    expect(hash(text)).toBe(hash(expected))
  })
})

describe('a command that cannot be started is in the history with the reason', () => {
  async function refused(spec: CommandSpec): Promise<string> {
    const service = await openForTest(await serviceFolder())
    const run = await service.commands.run(spec)
    expect(await service.runs.get(run.id)).toEqual(run)
    if (run.state.kind !== 'failed-to-spawn') throw new Error(`It is ${run.state.kind}.`)
    return run.state.message
  }

  test('when the program is on no folder of the PATH that it would have', async () => {
    expect(await refused(program('no-such-program'))).toMatch(
      /"no-such-program" was not found in any folder of PATH .*Check its name/,
    )
    expect(await refused({ ...program('ls'), environment: { PATH: '/nowhere' } })).toContain(
      'PATH (/nowhere)',
    )
    expect(await refused({ ...program('ls'), environment: { PATH: null } })).toContain('PATH is empty')
  })

  test('when its path leads nowhere', async () => {
    expect(await refused(program('./nothing'))).toContain('"./nothing" does not exist')
  })

  test('when it is not executable, or a folder', async () => {
    expect(await refused(program('/etc/passwd'))).toMatch(/"\/etc\/passwd" is not executable\. .*chmod/)
    expect(await refused(program('/etc'))).toContain('"/etc" is a folder')
  })

  test('when its folder is gone, a file or not absolute', async () => {
    expect(await refused(shellLine('true', '/gone/away'))).toMatch(
      /"\/gone\/away" is not there any more\. Choose/,
    )
    expect(await refused(shellLine('true', '/etc/passwd'))).toContain(
      '"/etc/passwd" is a file and cannot be a working folder',
    )
    expect(await refused(shellLine('true', 'relative'))).toContain('not an absolute path')
  })

  test('when its arguments are too long for the system', async () => {
    const long = Array.from({ length: 30 }, () => 'x'.repeat(100_000))
    expect(await refused(program('true', long))).toMatch(/longer than this system takes/)
  })

  test('when it contains a zero byte', async () => {
    expect(await refused(program('true', ['a\0b']))).toMatch(/contain a zero byte/)
  })

  test('when the interpreter of a script does not exist', async () => {
    const folder = await serviceFolder()
    writeFileSync(join(folder, 'script'), '#!/no/such/interpreter\n')
    chmodSync(join(folder, 'script'), 0o755)
    expect(await refused(program('./script', [], folder))).toContain(
      'the interpreter that its first line names does not',
    )
  })

  test('when the folder for its output cannot be made', async () => {
    const folder = await serviceFolder()
    const service = await openForTest(folder)
    writeFileSync(service.runsFolder, 'a file where a folder should be')
    const run = await service.commands.run(shellLine('true'))
    expect(run.state).toMatchObject({
      kind: 'failed-to-spawn',
      message: expect.stringMatching(/could not be made \(ENOTDIR\)/) as string,
    })
  })

  test('and a program in the folder itself is found by its relative path', async () => {
    const folder = await serviceFolder()
    writeFileSync(join(folder, 'script'), '#!/bin/sh\necho found\n')
    chmodSync(join(folder, 'script'), 0o755)
    expect((await output(program('./script', [], folder))).text).toBe('found\n')
  })
})

test('the records of an attempt are for the person alone', async () => {
  const service = await openForTest(await serviceFolder())
  const { id } = await service.commands.run(shellLine('true'))
  await service.final(id)
  const { folder, output: file, exit, wrapper } = service.attempt(id)
  expect(statSync(folder).mode & 0o077).toBe(0)
  for (const record of [file, exit, wrapper]) expect(statSync(record).mode & 0o077).toBe(0)
})

test('a command whose working folder is removed while it runs is not disturbed', async () => {
  const service = await openForTest(await serviceFolder())
  const place = join(service.runsFolder, '..', 'place')
  mkdirSync(place)
  const run = await service.commands.run(shellLine('sleep 0.3; echo still here', place))
  rmdirSync(place)
  expect((await service.final(run.id)).state.kind).toBe('done')
})
