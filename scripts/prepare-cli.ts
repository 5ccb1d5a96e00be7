import { rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBuilt } from './build/build-app.ts'
import { oneAtATime } from './bootstrap/one-at-a-time.mjs'
import { prepareElectron } from './runtime/prepare-electron.ts'
import { runTask } from './task/run-task.ts'

/**
 * Run by `bin/offloop` when a source is newer than what this has left: gets Electron ready, builds what has changed, and
 * writes how to start Offloop into `out/launch.json`, whose date says that all of it is there.
 */
await runTask(async ({ root, signal, say }) => {
  // A source that is saved from here on is newer than the file.
  const begun = new Date()
  const { executable, args, env } = await prepareElectron({ root, needsFonts: false, signal, say })
  const code = await oneAtATime(join(root, '.cache', 'building'), signal, () => ensureBuilt(root, signal))
  if (code !== 0) return code
  const file = join(root, 'out', 'launch.json')
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify({ executable, args: [...args, root], env }))
  await utimes(draft, begun, begun)
  await rename(draft, file)
  return 0
})
