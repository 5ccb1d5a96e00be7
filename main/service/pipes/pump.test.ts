import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { readIdentity } from '../commands/attempt.ts'
import { thisPlatform } from '../platform/this-platform.ts'
import { pipeFolder, type PipeFolder } from './pipe-folder.ts'
import { lookAtPump, startPump, tellPump, watchPump } from './pump.ts'

const SCRIPT = fileURLToPath(new URL('../../../resources/wrapper/pipe.pl', import.meta.url))
const platform = thisPlatform()

/** A pipe between this test and itself. */
async function pump(options: { writers?: number; readers?: number; spread?: string; capacity?: number }) {
  const { writers = 1, readers = 1, spread = 'copy', capacity = 65_536 } = options
  const folder = pipeFolder(await temporaryFolder(), 1)
  const invocation = platform.pump(SCRIPT, folder.path)
  if (!invocation) throw new Error('There are no pipes here.')
  const plan = [
    `capacity ${capacity}`,
    `merge ${writers > 1 ? 'lines' : 'raw'}`,
    `spread ${spread}`,
    'strict 0',
    ...Array<string>(writers).fill('writer host'),
    ...Array<string>(readers).fill('reader host'),
  ]
  await startPump(invocation, folder, `${plan.join('\n')}\n`)
  const identity = await readIdentity(folder.pump)
  onTestFinished(() => {
    if (identity) platform.signal(identity.pid, 'SIGKILL')
  })
  return {
    folder,
    pid: identity?.pid ?? 0,
    end: () => watchPump(platform, folder, new AbortController().signal, () => undefined),
  }
}

async function write(folder: PipeFolder, number: number, pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), createWriteStream(folder.writer(number)))
  await writeFile(`${folder.writer(number)}.whole`, '')
}

async function read(folder: PipeFolder, number: number): Promise<Buffer> {
  const source = createReadStream(folder.reader(number))
  source.once('open', () => void writeFile(`${folder.reader(number)}.open`, ''))
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function* lines(name: string, count: number): Generator<string> {
  for (let from = 0; from < count; from += 1_000)
    yield Array.from({ length: 1_000 }, (_, index) => `${name} ${from + index}\n`).join('')
}

const sha = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

test('every byte comes out in order, whatever the bytes are, and the end is on record before it is told', async () => {
  const { folder, end } = await pump({})
  const written = [...lines('row', 200_000), 'no line end\0\xff']
  const [, got] = await Promise.all([write(folder, 1, written), read(folder, 1)])
  expect(sha(got)).toBe(sha(written.join('')))
  expect(await readFile(folder.end, 'utf8')).toMatch(/^whole\n/)
  expect(await end()).toContain(`in ${got.length}\nout ${got.length}\n`)
})

test('several writers are merged by whole lines, also where lines are longer than the buffer', async () => {
  const { folder } = await pump({ writers: 3, capacity: 4_096 })
  const long = `${'x'.repeat(300_000)}\n`
  const [got] = await Promise.all([
    read(folder, 1),
    write(folder, 1, lines('a', 5_000)),
    write(folder, 2, [long, 'b without a line end']),
    write(folder, 3, lines('c', 5_000)),
  ])
  const all = got.toString().split('\n')
  const of = (name: string): string[] => all.filter((line) => line.startsWith(name))
  expect(of('a').join()).toBe([...lines('a', 5_000)].join('').trimEnd().replaceAll('\n', ','))
  expect(of('c')).toHaveLength(5_000)
  expect(of('x').map(({ length }) => length)).toEqual([300_000])
  expect(of('b')).toEqual(['b without a line end'])
  expect(all.filter((line) => line !== '')).toHaveLength(10_002)
})

test('copies go to each reader whole; shared lines go to exactly one of them', async () => {
  const copied = await pump({ readers: 2 })
  const [one, two] = await Promise.all([
    read(copied.folder, 1),
    read(copied.folder, 2),
    write(copied.folder, 1, lines('row', 50_000)),
  ])
  const whole = [...lines('row', 50_000)].join('')
  expect([sha(one), sha(two)]).toEqual([sha(whole), sha(whole)])

  const shared = await pump({ readers: 3, spread: 'share' })
  const parts = await Promise.all([
    read(shared.folder, 1),
    read(shared.folder, 2),
    read(shared.folder, 3),
    write(shared.folder, 1, lines('row', 50_000)),
  ])
  const some = parts.slice(0, 3).map((part) => String(part))
  const together = some.join('').split('\n').sort()
  expect(together).toEqual(whole.split('\n').sort())
  expect(some.filter((part) => part.length > 0).length).toBeGreaterThan(1)
})

test('a writer waits for a reader that does not read, and the gauge says how full it is', async () => {
  const { folder } = await pump({ capacity: 8_192 })
  const writing = createWriteStream(folder.writer(1))
  const tooMuch = Buffer.alloc(1_000_000, 'x')
  writing.write(tooMuch)
  await expect
    .poll(async () => (await readFile(folder.gauge, 'utf8').catch(() => '')).includes('size 8192\n'))
    .toBe(true)
  expect(writing.bytesWritten).toBe(0)
  const reading = read(folder, 1)
  writing.end()
  await writeFile(`${folder.writer(1)}.whole`, '')
  expect((await reading).length).toBe(tooMuch.length)
})

test('a reader that ends early ends the pipe, with its name', async () => {
  const { folder, end } = await pump({})
  const source = createReadStream(folder.reader(1))
  source.once('open', () => void writeFile(`${folder.reader(1)}.open`, ''))
  source.once('data', () => source.destroy())
  await expect(write(folder, 1, lines('row', 500_000))).rejects.toMatchObject({ code: 'EPIPE' })
  expect(await end()).toMatch(/^early 1\n/)
})

test('a writer that was broken off is no end of the input', async () => {
  const { folder, end } = await pump({})
  const reading = read(folder, 1)
  let isOver = false
  void reading.then(() => (isOver = true))
  await pipeline(Readable.from(['half a li']), createWriteStream(folder.writer(1)))
  await expect
    .poll(async () => (await readFile(folder.gauge, 'utf8').catch(() => '')).includes(' closed\n'))
    .toBe(true)
  expect(isOver).toBe(false)
  await tellPump(folder, 'cut 1')
  expect(await end()).toMatch(/^cut 1\n/)
  expect(isOver).toBe(false)
  await tellPump(folder, 'gone 1')
  expect(String(await reading)).toBe('half a li')
})

test('a process that was ended from outside leaves no record of the end', async () => {
  const { folder, pid, end } = await pump({})
  platform.signal(pid, 'SIGKILL')
  expect(await end()).toBeUndefined()
  expect(await lookAtPump(platform, folder)).toEqual({ kind: 'gone' })
  expect(await tellPump(folder, 'gone 1')).toBe(false)
})

test('where no buffer can be held, the reason is told', async () => {
  const folder = pipeFolder(await temporaryFolder(), 1)
  await expect(
    startPump({ program: 'perl', args: [SCRIPT, join(folder.path, 'none')] }, folder, ''),
  ).rejects.toMatchObject({
    failure: { code: 'spawn', message: expect.stringContaining('could not work') as string },
  })
})
