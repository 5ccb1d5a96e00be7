import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { outputGap, type OutputGap } from '#contract/output-gap.ts'
import { failed } from '#kit/request-failed.ts'
import { systemCode } from '../../platform/system-code.ts'

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

/** Writes it, whole or not at all; removes it when the output is whole after all. */
export async function writeGap(path: string, gap: OutputGap | undefined): Promise<void> {
  if (!gap) return rm(path, { force: true })
  await writeFile(`${path}.part`, JSON.stringify(gap), { mode: 0o600 })
  await rename(`${path}.part`, path)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
