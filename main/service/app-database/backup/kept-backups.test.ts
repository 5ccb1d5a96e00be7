import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../database-fixture.ts'
import { listBackups, nextBackupName, removeSurplus, surplusBackups, type Backup } from './kept-backups.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Backups made at some moments, of one size, the newest first. */
function backupsAt(moments: readonly number[], bytes = 1_000): Backup[] {
  const made: Backup[] = []
  for (const at of moments) made.unshift({ name: nextBackupName(made, at), at, bytes })
  return made
}

const keptOf = (backups: readonly Backup[]): Backup[] => {
  const gone = new Set(surplusBackups(backups))
  return backups.filter((backup) => !gone.has(backup))
}

test('the newest three are kept, and the last one of each of seven days', () => {
  const noon = Date.UTC(2026, 10, 24, 12)
  const hourly = Array.from({ length: 24 * 12 }, (_, hour) => noon - (24 * 12 - 1 - hour) * HOUR_MS)
  const kept = keptOf(backupsAt(hourly)).map(({ at }) => (noon - at) / HOUR_MS)
  expect(kept).toEqual([0, 1, 2, 13, 37, 61, 85, 109, 133])
})

test('a clock that jumps forth and back costs none of the newest', () => {
  const now = Date.UTC(2026, 10, 24, 12)
  const backups = backupsAt([now - HOUR_MS, now + 3_650 * DAY_MS, now, now + HOUR_MS])
  expect(backups[0]?.at).toBe(now + HOUR_MS)
  expect(keptOf(backups)).toEqual(backups.slice(0, 3))
})

test('together they stay below 4 GB, but the newest is always kept', () => {
  const moments = [0, 1, 2].map((hour) => hour * HOUR_MS)
  expect(keptOf(backupsAt(moments, 3 * 1024 ** 3)).map(({ at }) => at)).toEqual([2 * HOUR_MS])
  expect(keptOf(backupsAt([0], 9 * 1024 ** 3))).toHaveLength(1)
})

test('what is no backup is neither listed nor removed, but for what was left half made', async () => {
  const folder = join(await temporaryFolder(), 'backups')
  expect(await listBackups(folder)).toEqual([])
  await removeSurplus(folder)
  mkdirSync(folder)
  const name = nextBackupName([], Date.UTC(2026, 0, 2, 3, 4, 5))
  expect(name).toBe('00001-20260102T030405Z.db')
  for (const file of [name, `${name}.making`, `${name}.making-wal`, 'mine.db', '00002-99999999T999999Z.db'])
    writeFileSync(join(folder, file), 'x')
  expect(await listBackups(folder)).toEqual([{ name, at: Date.UTC(2026, 0, 2, 3, 4, 5), bytes: 1 }])
  await removeSurplus(folder)
  expect(readdirSync(folder).sort()).toEqual([name, '00002-99999999T999999Z.db', 'mine.db'])
})
