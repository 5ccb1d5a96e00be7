import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../../platform/system-code.ts'

/** The last ones, for whoever notices at once; made an hour apart. */
const NEWEST_KEPT = 3
/** One of each day that has any, for whoever notices after a weekend or a short holiday. */
const DAYS_KEPT = 7
/** All of them together, in bytes: ten times a history that is already large. The newest is kept whatever it takes. */
const MOST_BYTES = 4 * 1024 ** 3

/** `00012-20261124T003000Z.db`: its number first, because a clock may be set back. */
const FILE_NAME = /^(\d{5,})-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.db$/
const NUMBER_DIGITS = 5

/** A whole copy of the app database, looked through when it was made. */
export interface Backup {
  /** Of its file within its folder. */
  readonly name: string
  /** When it was made, in milliseconds since 1970. */
  readonly at: number
  readonly bytes: number
}

/** Where the backups of an app database lie. */
export function backupFolder(file: string): string {
  return join(dirname(file), 'backups')
}

/** The name of the backup that comes after others. @param at milliseconds since 1970 */
export function nextBackupName(backups: readonly Pick<Backup, 'name'>[], at: number): string {
  const number = Math.max(0, ...backups.map(({ name }) => numberOf(name))) + 1
  const moment = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
  return `${String(number).padStart(NUMBER_DIGITS, '0')}-${moment}.db`
}

/** The backups in a folder, the newest first; none when there is no such folder. */
export async function listBackups(folder: string): Promise<Backup[]> {
  const found: Backup[] = []
  for (const name of await namesIn(folder)) {
    const [, , ...moment] = FILE_NAME.exec(name) ?? []
    const [year, month, day, hour, minute, second] = moment
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    if (Number.isNaN(at)) continue
    // It may be removed at any moment.
    const about = await stat(join(folder, name)).catch(() => undefined)
    if (about?.isFile()) found.push({ name, at, bytes: about.size })
  }
  return found.sort((a, b) => numberOf(b.name) - numberOf(a.name))
}

/** Those that are kept no longer. @param backups the newest first */
export function surplusBackups(backups: readonly Backup[]): Backup[] {
  const days = new Set<string>()
  let bytes = 0
  return backups.filter((backup, index) => {
    const [day = ''] = new Date(backup.at).toISOString().split('T')
    const isOfDay = !days.has(day) && days.size < DAYS_KEPT
    const fits = index === 0 || bytes + backup.bytes <= MOST_BYTES
    if (!fits || (index >= NEWEST_KEPT && !isOfDay)) return true
    days.add(day)
    bytes += backup.bytes
    return false
  })
}

/** Removes those that are kept no longer, and what a backup that was broken off has left. */
export async function removeSurplus(folder: string): Promise<void> {
  for (const { name } of surplusBackups(await listBackups(folder)))
    await rm(join(folder, name), { force: true })
  for (const name of await namesIn(folder))
    if (/\.making(-\w+)?$/.test(name)) await rm(join(folder, name), { force: true })
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

function numberOf(name: string): number {
  return Number(FILE_NAME.exec(name)?.[1] ?? 0)
}
