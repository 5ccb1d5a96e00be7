import { writeFile } from 'node:fs/promises'
import { savingTrouble } from './saving-trouble.ts'

/** Writes a text to a file, in place of one that is there. @throws RequestFailed `disk-full`, `invalid-params` */
export async function saveText(text: string, to: string): Promise<Record<string, never>> {
  try {
    await writeFile(to, text)
    return {}
  } catch (error) {
    throw savingTrouble(error, to)
  }
}
