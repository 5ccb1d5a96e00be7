import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { outputGap, type OutputGap } from '#contract/output-gap.ts'
import { failed } from '#kit/request-failed.ts'
import { isDiskFull, systemCode } from '../../platform/system-code.ts'

/**
 * Reads which stretch of an output was not kept; undefined when it is whole.
 * @throws RequestFailed `not-found` when the record is damaged: zeros in the output could then not be told from its own.
 */
export async function readGap(path: string): Promise<OutputGap | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  const parsed = outputGap.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw failed(
    'not-found',
    `"${path}", which says what of this output was not kept, is damaged. Open the output file itself to see what is left.`,
  )
}

/** What a record takes with room to spare, in bytes: two places in a file and a count, as JSON. */
const RECORD_BYTES = 256

/** Takes the room for one record on the disk now: a disk that is full later has none for it, just when it is needed. */
export async function reserveGap(path: string): Promise<void> {
  await writeFile(reserve(path), ' '.repeat(RECORD_BYTES), { mode: 0o600 })
}

/** Gives that room back. */
export async function forgetReserve(path: string): Promise<void> {
  await rm(reserve(path), { force: true })
}

/**
 * Writes it, whole or not at all, on a full disk into the room that was reserved; removes it when the output is whole
 * after all.
 */
export async function writeGap(path: string, gap: OutputGap | undefined): Promise<void> {
  if (!gap) return rm(path, { force: true })
  const part = `${path}.part`
  const record = JSON.stringify(gap)
  try {
    await writeFile(part, record, { mode: 0o600 })
  } catch (error) {
    if (!isDiskFull(error)) throw error
    await rm(part, { force: true })
    const file = await open(reserve(path), 'r+').catch((missing: unknown) => {
      throw systemCode(missing) === 'ENOENT' ? error : missing
    })
    try {
      await file.write(record.padEnd(RECORD_BYTES), 0)
    } finally {
      await file.close()
    }
    return rename(reserve(path), path)
  }
  await rename(part, path)
}

function reserve(path: string): string {
  return `${path}.reserve`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
