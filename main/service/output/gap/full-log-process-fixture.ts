import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { thisPlatform } from '../../platform/this-platform.ts'
import { countLines } from '../line-counts.ts'
import { readGap } from './gap-file.ts'
import { limitOutput, type OutputLimit } from './limit-output.ts'

/** One output on a disk without a free byte, over its limit; prints what became of it, with and without a reserve. */
const [folder = ''] = process.argv.slice(2)
const MEGABYTE = 1024 ** 2
const LIMIT = 2 * MEGABYTE
/** Of `stat`. */
const BLOCK_BYTES = 512
const LOOKS = 12
const LOOK_EVERY_MS = 50
const OUTPUT_BYTES = 8 * MEGABYTE
/** More than the disk has. */
const FILLING_BYTES = 64 * MEGABYTE

async function fill(): Promise<() => Promise<void>> {
  const filling = join(folder, 'filling')
  await writeFile(filling, Buffer.alloc(FILLING_BYTES)).catch(() => undefined)
  return () => rm(filling)
}

interface Outcome {
  readonly whileFull: boolean
  readonly after: boolean
  readonly cut: boolean
  readonly troubles: number
}

/** Long enough for a look, its pause and one more. */
async function looks(limiting: OutputLimit): Promise<void> {
  for (let times = 0; times < LOOKS; times++) {
    limiting.look()
    await delay(LOOK_EVERY_MS)
  }
}

async function cutWhenFull(name: string, reserves: boolean): Promise<Outcome> {
  await mkdir(join(folder, name))
  const output = join(folder, name, 'output')
  const gapFile = join(folder, name, 'gap')
  const bytes = Buffer.alloc(OUTPUT_BYTES, 'line\n')
  await writeFile(output, bytes)
  const counts = countLines()
  let limit = Infinity
  let troubles = 0
  const limiting = limitOutput({
    output,
    gapFile,
    counts,
    gap: undefined,
    bytes: () => limit,
    freeRange: thisPlatform().freeRange,
    onGap: () => undefined,
    onTrouble: () => (troubles += 1),
  })
  counts.add(bytes)
  if (reserves) await looks(limiting)
  const empty = await fill()
  limit = LIMIT
  await looks(limiting)
  const whileFull = (await readGap(gapFile)) !== undefined
  await empty()
  await limiting.settle()
  const { blocks } = await stat(output)
  return {
    whileFull,
    after: (await readGap(gapFile)) !== undefined,
    cut: blocks * BLOCK_BYTES <= LIMIT,
    troubles,
  }
}

/** What is measured here waits without keeping a process alive. */
const alive = setInterval(() => undefined, LOOK_EVERY_MS)
const withReserve = await cutWhenFull('with', true)
const without = await cutWhenFull('without', false)
console.log(JSON.stringify({ withReserve, without }))
clearInterval(alive)
