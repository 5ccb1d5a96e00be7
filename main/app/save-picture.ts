import { writeFile } from 'node:fs/promises'
import { failed } from '#kit/request-failed.ts'
import { savingTrouble } from './saving-trouble.ts'

/** The first bytes of every PNG. */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Writes a picture that the page has drawn. @throws RequestFailed `disk-full`, `invalid-params` */
export async function savePicture(png: Uint8Array, to: string): Promise<Record<string, never>> {
  if (!SIGNATURE.every((byte, at) => png[at] === byte)) {
    throw failed('invalid-params', 'This is no picture, and was not saved. Draw the chart again.')
  }
  try {
    await writeFile(to, png)
    return {}
  } catch (error) {
    throw savingTrouble(error, to)
  }
}
