import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchContext } from './benchmark.ts'
import { bundle } from './bundle.ts'

/** Builds the trivial app. @returns the folder to start it with. */
export async function buildTrivialApp({ root, folder: parent }: BenchContext): Promise<string> {
  const folder = join(parent, 'trivial-app')
  await mkdir(folder, { recursive: true })
  await bundle(root, 'bench/trivial-app/main.ts', { folder, name: 'main.js' }, 'es')
  await bundle(root, 'bench/trivial-app/echo.ts', { folder, name: 'echo.js' }, 'es')
  await bundle(root, 'preload/index.ts', { folder, name: 'preload.cjs' }, 'cjs')
  await copyFile(join(root, 'bench/trivial-app/index.html'), join(folder, 'index.html'))
  const manifest = { name: 'trivial', version: '1.0.0', type: 'module', main: 'main.js' }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  return folder
}
