import { describe, expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

describe('runCommand', () => {
  test('gives exit code and both streams', async () => {
    const { signal } = new AbortController()
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { signal })
    expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  test('gives no exit code for a program that a signal ended', async () => {
    const { signal } = new AbortController()
    expect((await runCommand('sh', ['-c', 'kill -9 $$'], { signal })).code).toBeNull()
  })

  test('ends what the program started too, and is done only then', async () => {
    const stopped = new AbortController()
    // The inner shell holds the output open for as long as it lives.
    const running = runCommand('sh', ['-c', 'sh -c "sleep 600; true" & wait'], { signal: stopped.signal })
    stopped.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
  })

  test('starts nothing after an abort', async () => {
    await expect(
      runCommand('false', [], { signal: AbortSignal.abort(new Error('too late')) }),
    ).rejects.toThrow('too late')
  })

  test('rejects for a program that does not exist', async () => {
    const { signal } = new AbortController()
    await expect(runCommand('no-such-program', [], { signal })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
