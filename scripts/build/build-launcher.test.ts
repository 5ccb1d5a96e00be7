import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { putOnPath } from '../runtime/path-fixture.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { buildLauncher } from './build-launcher.ts'

const { signal } = new AbortController()
const SOURCES = 'main/service/commands/native'

async function build(platform: NodeJS.Platform = 'linux') {
  const root = await temporaryFolder()
  await mkdir(join(root, SOURCES), { recursive: true })
  await writeFile(join(root, SOURCES, 'one.c'), '')
  const said: string[] = []
  return { root, built: await buildLauncher(root, signal, (line) => said.push(line), platform), said }
}

test('where it cannot be linked statically, the launcher is linked as any program', async () => {
  const cc =
    'echo "$*" >> ran; case "$*" in *-static-pie*) exit 1;; esac; for last; do :; done; echo > "$last"'
  await putOnPath({ cc }, 'kept')
  const { root, built, said } = await build()
  expect([built, said]).toEqual([true, []])
  expect((await readFile(join(root, 'ran'), 'utf8')).trimEnd().split('\n')).toHaveLength(2)
  expect(await readdir(join(root, 'out', 'native'))).toEqual(['launcher-hash', 'offloop-launcher'])
})

test('a launcher that cannot be compiled is told of with the reason, and does not end the build', async () => {
  await putOnPath({ cc: 'echo "one.c:1: error" >&2; exit 1' }, 'kept')
  const { built, said } = await build()
  expect(built).toBe(false)
  expect(said).toEqual([expect.stringContaining('started by Perl'), 'one.c:1: error'])
})

test('other systems start commands by Perl, and have nothing to compile', async () => {
  expect(await build('darwin')).toMatchObject({ built: false, said: [] })
})
