import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommandSpec } from '#contract/run.ts'
import { shellLine } from './open-service-fixture.ts'
import { openForTest, serviceFolder, serviceProcess } from './service-fixture.ts'

const never = new AbortController().signal
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const reading = (line: string, standardInput: CommandSpec['standardInput']): CommandSpec => ({
  ...shellLine(line),
  ...(standardInput && { standardInput }),
})
const open = { kind: 'open' as const }

test('a text and the bytes of a file are what a command reads, to their end', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  const file = join(folder, 'a file')
  writeFileSync(file, Buffer.from([0, 255, 10, 13]))
  const text = await service.commands.run(reading('cat', { kind: 'text', text: 'héllo\nwithout end' }))
  const copied = await service.commands.run(reading('cat', { kind: 'file', path: file }))
  await Promise.all([service.final(text.id), service.final(copied.id)])
  expect(readFileSync(service.attempt(text.id).output, 'utf8')).toBe('héllo\nwithout end')
  expect([...readFileSync(service.attempt(copied.id).output)]).toEqual([0, 255, 10, 13])
})

test('a command whose file for the standard input cannot be read is not started, and says why', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  mkdirSync(join(folder, 'folder'))
  const refusedFor = async (path: string): Promise<string> => {
    const { state } = await service.commands.run(reading('cat', { kind: 'file', path }))
    return state.kind === 'failed-to-spawn' ? state.message : state.kind
  }
  expect(await refusedFor(join(folder, 'missing'))).toMatch(
    /"[^"]*missing", is not there\. Choose another file/,
  )
  expect(await refusedFor(join(folder, 'folder'))).toContain('is a folder and cannot be a standard input')
  expect(await refusedFor('relative')).toContain('not an absolute path')
})

describe('an open standard input', () => {
  test('takes what is sent while the command runs, and ends when it is closed', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(
      reading('while read -r line; do echo "got $line"; done; echo end', open),
    )
    await service.scheduler.send(id, bytes('one\n'), false, never)
    await expect.poll(() => readFileSync(service.attempt(id).output, 'utf8')).toBe('got one\n')
    await service.scheduler.send(id, bytes('two\n'), true, never)
    expect((await service.final(id)).state.kind).toBe('done')
    expect(readFileSync(service.attempt(id).output, 'utf8')).toBe('got one\ngot two\nend\n')
    expect(existsSync(service.attempt(id).input)).toBe(false)
  })

  test('makes the sender wait for a command that does not read, who can give up', async () => {
    const service = await openForTest(await serviceFolder())
    const { id } = await service.commands.run(reading('sleep 100', open))
    const patience = new AbortController()
    const big = service.scheduler.send(id, new Uint8Array(200_000), false, patience.signal)
    await service.scheduler.send(id, new Uint8Array(0), false, never)
    patience.abort(new Error('given up'))
    await expect(big).rejects.toThrow('given up')
    const waiting = service.scheduler.send(id, new Uint8Array(200_000), false, never)
    waiting.catch(() => undefined)
    await service.commands.stop(id)
    await expect(waiting).rejects.toThrow(/has ended|does not read/)
  })

  test('stays open when the service is killed, and takes more from the next one', async () => {
    const folder = await serviceFolder()
    const first = await serviceProcess(folder, { spec: reading('cat; exit 5', open), send: 'before\n' })
    await first.kill()
    const { id } = first.runs[0] ?? { id: 0 }
    const service = await openForTest(folder)
    expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'running', adopted: true })
    await service.scheduler.send(id, bytes('after\n'), true, never)
    expect((await service.final(id)).state).toMatchObject({ cause: { kind: 'exit', exitCode: 5 } })
    expect(readFileSync(service.attempt(id).output, 'utf8')).toBe('before\nafter\n')
  })

  test('refuses what can reach nobody, with the reason', async () => {
    const service = await openForTest(await serviceFolder())
    const send = (id: number, end = false): Promise<void> =>
      service.scheduler.send(id, bytes('x'), end, never)
    await expect(send(99)).rejects.toMatchObject({ code: 'not-found' })

    const ended = await service.commands.run(reading('true', open))
    await service.final(ended.id)
    await expect(send(ended.id)).rejects.toThrow('has ended')

    const held = await service.scheduler.run({ spec: reading('cat', open), terms: { held: true } })
    await expect(send(held.id)).rejects.toThrow('does not run yet')

    const without = await service.commands.run(shellLine('sleep 100'))
    await expect(send(without.id)).rejects.toThrow('without a standard input')
    await service.commands.stop(without.id)

    const deaf = await service.commands.run(reading('exec <&-; echo closed; sleep 100', open))
    await expect.poll(() => readFileSync(service.attempt(deaf.id).output, 'utf8')).toBe('closed\n')
    await expect(send(deaf.id)).rejects.toThrow('does not read its standard input any more')
    await service.commands.stop(deaf.id)

    const closed = await service.commands.run(reading('cat; sleep 100', open))
    await send(closed.id, true)
    await expect.poll(() => existsSync(service.attempt(closed.id).input)).toBe(false)
    await expect(send(closed.id)).rejects.toThrow('is closed')
    await service.commands.stop(closed.id)
    await service.commands.stop(held.id)
  })
})
