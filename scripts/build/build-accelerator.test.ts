import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { putOnPath } from '../runtime/path-fixture.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { buildAccelerator } from './build-accelerator.ts'

const { signal } = new AbortController()
const NATIVE = 'main/query-host/accelerator/native'
const HEADERS = 'node_modules/better-sqlite3/deps/sqlite3'
/** Stands for the compiler: it makes the file after -o and notes that it ran. */
const COMPILER = { cc: 'echo ran >> ran; for last; do :; done; echo library > "$last"' }

async function checkout(): Promise<string> {
  const root = await temporaryFolder()
  for (const folder of [NATIVE, HEADERS]) await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, NATIVE, 'one.c'), '')
  await writeFile(join(root, HEADERS, 'sqlite3.h'), '')
  return root
}

async function build(root: string): Promise<{ built: boolean; said: string[] }> {
  const said: string[] = []
  return { built: await buildAccelerator(root, signal, (line) => said.push(line)), said }
}

test('the extension is compiled once for the same sources, and again when they have changed', async () => {
  await putOnPath(COMPILER, 'kept')
  const root = await checkout()
  expect(await build(root)).toEqual({ built: true, said: [] })
  expect(await build(root)).toEqual({ built: true, said: [] })
  expect(await readdir(join(root, 'out', 'native'))).toContain('accelerator-hash')
  await writeFile(join(root, NATIVE, 'one.c'), '/* changed */')
  expect((await build(root)).built).toBe(true)
  expect(await readFile(join(root, 'ran'), 'utf8')).toBe('ran\nran\n')
})

test('a system without a compiler is told so in one line, and keeps no older extension', async () => {
  const root = await checkout()
  await putOnPath(COMPILER, 'kept')
  await build(root)
  await writeFile(join(root, NATIVE, 'two.c'), '')
  process.env['CC'] = 'no-such-compiler'
  try {
    const { built, said } = await build(root)
    expect([built, said.length, said[0]]).toEqual([false, 1, expect.stringContaining('no C compiler')])
    expect(await readdir(join(root, 'out', 'native'))).toEqual([])
  } finally {
    delete process.env['CC']
  }
})

test('what the compiler has against the sources is shown, and does not end the build', async () => {
  await putOnPath({ cc: 'echo "one.c:1: error" >&2; exit 1' }, 'kept')
  const { built, said } = await build(await checkout())
  expect(built).toBe(false)
  expect(said.join('\n')).toContain('one.c:1: error')
})
