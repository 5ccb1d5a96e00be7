import { access } from 'node:fs/promises'
import { extname, isAbsolute } from 'node:path'
import { shell } from 'electron'
import { failed } from '#kit/request-failed.ts'

/** Endings of what Offloop exports. Anything else might be a program, which opening would run. */
const EXPORTED = new Set(['.csv', '.tsv', '.json', '.jsonl', '.md', '.sql', '.xlsx', '.txt'])

/** Shows a file in the system's file manager. @throws RequestFailed `not-found` */
export async function revealFile(path: string): Promise<Record<string, never>> {
  await expectFile(path)
  shell.showItemInFolder(path)
  return {}
}

/** Opens a file of rows with the system's program for it. @throws RequestFailed `not-found`, `invalid-params` */
export async function openExported(path: string): Promise<Record<string, never>> {
  if (!EXPORTED.has(extname(path).toLowerCase())) {
    throw failed(
      'invalid-params',
      `${path} is not opened from here, because of its ending. Show it in its folder, and open it there.`,
    )
  }
  await expectFile(path)
  const trouble = await shell.openPath(path)
  if (trouble !== '') throw failed('invalid-params', `${path} could not be opened: ${trouble}`)
  return {}
}

/** @throws RequestFailed `not-found` when it is not there. */
export async function expectFile(path: string): Promise<void> {
  const isThere =
    isAbsolute(path) &&
    (await access(path).then(
      () => true,
      () => false,
    ))
  if (!isThere) throw failed('not-found', `${path} is no longer there. It was moved or deleted.`)
}
