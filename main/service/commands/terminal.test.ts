import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CommandSpec } from '#contract/run.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder, serviceProcess } from './service-fixture.ts'

const never = new AbortController().signal
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const inTerminal = (line: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  ...shellLine(line),
  terminal: { columns: 100, rows: 30 },
  ...more,
})
const shows = (file: string, text: string) =>
  expect.poll(() => readFileSync(file, 'utf8'), { timeout: 10_000 }).toContain(text)

describe('a command in a terminal', () => {
  test('has one on all three ends, of the size that was asked for, with its own environment', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(
      inTerminal('test -t 0 -a -t 1 -a -t 2 && stty size; echo $TERM $COLORTERM ${COLUMNS-unset}; exit 7', {
        environment: { COLORTERM: 'mine' },
      }),
    )
    const { state } = await service.final(id)
    expect(state).toMatchObject({ kind: 'failed', cause: { kind: 'exit', exitCode: 7 } })
    expect(readFileSync(service.attempt(id).output, 'utf8')).toBe('30 100\r\nxterm-256color mine unset\r\n')
    expect(existsSync(service.attempt(id).keys)).toBe(false)
  })

  test('reads what is typed, sees its size change, and ends at Ctrl-D', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(
      inTerminal(
        'trap "stty size" WINCH; stty -echo; echo ready; while ! read -r x; do :; done; echo "got $x"; cat; echo end',
      ),
    )
    const { output } = service.attempt(id)
    await shows(output, 'ready')
    await service.scheduler.resizeTerminal(id, { columns: 60, rows: 20 })
    await shows(output, '20 60')
    await service.scheduler.send(id, bytes('hé\n'), false, never)
    await shows(output, 'got hé')
    await service.scheduler.send(id, bytes(''), true, never)
    expect((await service.final(id)).state.kind).toBe('done')
    expect(readFileSync(output, 'utf8')).toContain('end\r\n')
  })

  test('is interrupted by Ctrl-C as in any terminal', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(inTerminal('echo ready; exec sleep 100'))
    await shows(service.attempt(id).output, 'ready')
    await service.scheduler.send(id, bytes('\x03'), false, never)
    expect((await service.final(id)).state).toMatchObject({ kind: 'killed', signal: 2 })
  })

  test('writes every byte of a flood, and loses nothing at its end', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(inTerminal('seq 1 100000; printf last'))
    await service.final(id)
    const expected = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\r\n`).join('')
    expect(readFileSync(service.attempt(id).output, 'utf8') === `${expected}last`).toBe(true)
  })

  test('may read a file and write to the terminal', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(
      inTerminal('cat; test -t 1 && ! test -t 0 && echo so', {
        standardInput: { kind: 'text', text: 'in\n' },
      }),
    )
    await service.final(id)
    expect(readFileSync(service.attempt(id).output, 'utf8')).toBe('in\r\nso\r\n')
  })

  test('goes on in it when the service is killed, and can be typed to by the next one', async () => {
    const folder = await serviceFolder()
    const first = await serviceProcess(folder, {
      spec: inTerminal('read x; echo "a $x"; read y; echo "b $y"; exit 9'),
      send: '1\n',
    })
    await first.kill()
    const service = await openForTest(folder)
    const { id } = first.runs[0] ?? { id: 0 }
    await shows(service.attempt(id).output, 'a 1')
    await service.scheduler.send(id, bytes('2\n'), false, never)
    expect((await service.final(id)).state).toMatchObject({ kind: 'failed', cause: { exitCode: 9 } })
    await shows(service.attempt(id).output, 'b 2')
  })

  test('is stopped with all its processes', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(
      inTerminal('trap "" TERM HUP; echo ready; sleep 100 & sleep 100'),
    )
    await shows(service.attempt(id).output, 'ready')
    await service.commands.stop(id)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'killed' })
  })

  test('is the only one whose size can be changed', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(shellLine('sleep 100'))
    await expect(service.scheduler.resizeTerminal(id, { columns: 1, rows: 1 })).rejects.toThrow(
      'has no terminal',
    )
    await service.commands.stop(id)
    await expect(service.scheduler.resizeTerminal(id, { columns: 1, rows: 1 })).rejects.toThrow('has ended')
  })
})
