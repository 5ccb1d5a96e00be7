import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../app-database/database-fixture.ts'
import { watchDiskRoom } from './disk-room.ts'

const run = promisify(execFile)
const LOG = fileURLToPath(new URL('./full-log-process-fixture.ts', import.meta.url))
const SERVICE = fileURLToPath(new URL('./full-disk-process-fixture.ts', import.meta.url))

/** Mounts a disk of 24 MB in a namespace of its own, with which it disappears. */
function onSmallDisk(folder: string, ...command: readonly string[]) {
  const script = 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"'
  return run('unshare', ['--map-root-user', '--mount', 'sh', '-c', script, folder, ...command])
}

test('on a full disk a run is refused before it is acknowledged, and taken again once there is room', async (context) => {
  const folder = await temporaryFolder()
  const refusal = await onSmallDisk(folder, 'true').then(
    () => undefined,
    (error: unknown) => String(error),
  )
  if (refusal !== undefined) context.skip(`this system lets no test mount a small disk: ${refusal}`)
  const { stdout } = await onSmallDisk(folder, process.execPath, SERVICE, folder)
  expect(JSON.parse(stdout)).toEqual({ before: 'begun', full: 'disk-full', after: 'begun', known: 1 })
})

test('on a disk without a free byte a log is cut all the same, and where no room was kept for its mark as soon as there is some', async (context) => {
  const folder = await temporaryFolder()
  const refusal = await onSmallDisk(folder, 'true').then(
    () => undefined,
    (error: unknown) => String(error),
  )
  if (refusal !== undefined) context.skip(`this system lets no test mount a small disk: ${refusal}`)
  const { stdout } = await onSmallDisk(folder, process.execPath, LOG, folder)
  expect(JSON.parse(stdout)).toEqual({
    withReserve: { whileFull: true, after: true, cut: true, troubles: 0 },
    without: { whileFull: false, after: true, cut: true, troubles: 0 },
  })
})

test('a disk with room neither refuses a run nor cuts a log', async () => {
  const disk = watchDiskRoom(await temporaryFolder())
  await disk.expectRoom()
  expect(disk.isTight()).toBe(false)
})
