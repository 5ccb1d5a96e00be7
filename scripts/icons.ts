import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { icnsFile, icoFile } from './packaging/icon-files.ts'
import { prepareElectron } from './runtime/prepare-electron.ts'
import { runElectron } from './runtime/run-electron.ts'
import { runTask } from './task/run-task.ts'

/** What desktops, taskbars and launchers of the three systems ask for, in pixels. */
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]

/** `node scripts/run.mjs icons`: draws resources/icons/offloop.svg anew in every size and format. */
await runTask(async ({ root, signal, say }) => {
  const folder = join(root, 'resources', 'icons')
  const pictures = join(folder, 'png')
  const launch = await prepareElectron({ root, needsFonts: false, signal, say })
  const renderer = join(import.meta.dirname, 'packaging', 'icon-renderer')
  const svg = join(folder, 'offloop.svg')
  const options = [`--svg=${svg}`, `--folder=${pictures}`, `--sizes=${SIZES.join(',')}`]
  const code = await runElectron(launch, [renderer, ...options], { cwd: root, signal, say })
  if (code !== 0) return code
  const images = await Promise.all(
    SIZES.map(async (size) => ({ size, png: await readFile(join(pictures, `${size}x${size}.png`)) })),
  )
  await writeFile(join(folder, 'offloop.ico'), icoFile(images))
  await writeFile(join(folder, 'offloop.icns'), icnsFile(images))
  say(`Drew resources/icons/offloop.svg in ${SIZES.length} sizes, as PNG, .ico and .icns`)
  return 0
})
