import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { gapMarker, outputGap, type OutputGap } from '#contract/output-gap.ts'
import { failed } from '#kit/request-failed.ts'
import { codeOf } from './error-code.ts'
import { savingTrouble } from './saving-trouble.ts'

/** Where an output lies, and the record of what of it was not kept; absolute paths. */
export interface OutputFiles {
  readonly output: string
  readonly gap: string
}

/**
 * Copies an output, in no time where the file system can share its blocks. A line stands for what was not kept of it.
 * @throws RequestFailed `not-found`, `disk-full`, `invalid-params`
 */
export async function saveCopy(files: OutputFiles, to: string): Promise<Record<string, never>> {
  const { output: from } = files
  try {
    const gap = await readGap(files.gap)
    if (gap) await copyAround(from, gap, to)
    else await copyFile(from, to)
    return {}
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw savingTrouble(error, to)
    throw failed(
      'not-found',
      `${from} could not be copied to ${to}: the one or the folder of the other is no longer there.`,
    )
  }
}

async function copyAround(from: string, gap: OutputGap, to: string): Promise<void> {
  await pipeline(async function* () {
    if (gap.from > 0) yield* createReadStream(from, { end: gap.from - 1 })
    yield Buffer.from(gapMarker(gap))
    yield* createReadStream(from, { start: gap.to })
  }, createWriteStream(to))
}

async function readGap(path: string): Promise<OutputGap | undefined> {
  try {
    return outputGap.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
