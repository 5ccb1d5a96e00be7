import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Where a fuzzed Offloop may write, and where it may not. Absolute paths of folders within one of their own. */
export interface FuzzPlaces {
  readonly root: string
  readonly profile: string
  /** Valid requests may name files here. */
  readonly allowed: string
  /** No request may change anything here: the home folder of Offloop, the folder it is started in, and files of a person. */
  readonly home: string
  readonly start: string
  readonly outside: string
  /** A file that appears only when somebody took a value for a line of a shell. */
  readonly mark: string
}

/** In the name of everything that must not come to be. */
export const MARK = 'taken-over'

/** Makes the folders, with a database and a text in each that has any. */
export async function makeFuzzPlaces(root: string): Promise<FuzzPlaces> {
  const places: FuzzPlaces = {
    root,
    profile: join(root, 'profile'),
    allowed: join(root, 'allowed'),
    home: join(root, 'home'),
    start: join(root, 'start'),
    outside: join(root, 'outside'),
    mark: join(root, 'outside', MARK),
  }
  for (const folder of [places.allowed, places.home, places.start, places.outside]) await mkdir(folder)
  for (const folder of [places.allowed, places.outside]) {
    const database = new Database(join(folder, 'people.db'))
    database.exec(
      "CREATE TABLE people(id INTEGER PRIMARY KEY, name); INSERT INTO people(name) VALUES ('Ada')",
    )
    database.close()
    await writeFile(join(folder, 'people.csv'), 'id,name\n1,Ada\n')
  }
  return places
}

/** What lies where nothing may change, and whatever has the mark in its name: names with the hashes of their bytes. */
export async function lookAt({ root, home, start, outside }: FuzzPlaces): Promise<readonly string[]> {
  const seen: string[] = []
  for (const folder of [home, start, outside])
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      seen.push(entry.isFile() ? `${path} ${hash(await readFile(path))}` : path)
    }
  for (const folder of ['/', '/tmp', '/etc', root, process.cwd()])
    for (const name of await readdir(folder)) if (name.includes(MARK)) seen.push(join(folder, name))
  return seen.sort()
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
