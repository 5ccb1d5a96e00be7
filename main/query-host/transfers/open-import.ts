import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { failed } from '#kit/request-failed.ts'

const UTF16_MARKS = ['fffe', 'feff']

/**
 * Opens a file for import.
 * @returns its descriptor, at the file's start, for the caller to close.
 * @throws RequestFailed `not-found`, or `invalid-params` for what cannot be a text file in UTF-8.
 */
export function openImport(path: string): number {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw failed(
        'not-found',
        `There is no file ${path}. It may have been moved or deleted; choose it again.`,
      )
    }
    throw failed('invalid-params', `${path} cannot be read (${code}). Check its permissions.`)
  }
  const complaint = complaintAbout(file, path)
  if (complaint === undefined) return file
  closeSync(file)
  throw failed('invalid-params', complaint)
}

function complaintAbout(file: number, path: string): string | undefined {
  if (!fstatSync(file).isFile()) return `${path} is not an ordinary file. Choose another one.`
  const start = Buffer.alloc(2)
  readSync(file, start, 0, start.length, 0)
  if (!UTF16_MARKS.includes(start.toString('hex'))) return undefined
  return `${path} is in UTF-16. Convert it first, for example with iconv -f UTF-16 -t UTF-8.`
}
