import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import { answerOf, back, ended, final, script, start } from './ask.ts'
import { must, NotHere, type Fault, type World } from './fault.ts'

const run = promisify(execFile)
/** Room for a profile with little in it, and soon filled. */
const PROFILE_DISK = 'size=96m'
const DATABASE_DISK = 'size=1m'
/** The sample database, which the first start makes, takes its part. */
const LOG_DISK = 'size=192m'
const MEGABYTE = 1024 * 1024
/** More than the disk takes, at a pace at which no program meets its end before the log is cut. */
const LOG_MEGABYTES = 220
const LOG = `for i in $(seq 1 ${LOG_MEGABYTES}); do head -c 1m /dev/zero | tr "\\0" x; sleep 0.1; done; exit 3`
const BALLAST_BYTES = 128 * MEGABYTE

/** @throws NotHere where nothing may be mounted. */
async function mounted(
  world: Pick<World, 'after'>,
  folder: string,
  ...options: readonly string[]
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await run('mount', [...options, folder]).catch((error: unknown) => {
    throw new NotHere(`nothing may be mounted: ${String(error).split('\n')[0] ?? ''}`)
  })
  world.after(() => run('umount', ['-l', folder]))
}

const tmpfs = (size: string): readonly string[] => ['-t', 'tmpfs', '-o', `${size},mode=700`, 'tmpfs']

/** Fills a disk to its last byte. @returns what frees it again. */
async function filled(folder: string): Promise<() => Promise<void>> {
  const ballast = join(folder, 'ballast')
  await writeFile(ballast, Buffer.alloc(BALLAST_BYTES)).catch(() => undefined)
  return () => rm(ballast)
}

/** Full disks, and those that cannot be written. */
export const disks: readonly Fault[] = [
  {
    name: 'the disk under the profile is full',
    prepare: (world) => mounted(world, world.offloop.profile, ...tmpfs(PROFILE_DISK)),
    async survive({ offloop }) {
      const free = await filled(offloop.profile)
      const { code, message } = await answerOf(start(offloop, 'true'))
      must(code === 'disk-full', `a new run got ${code}: ${message}`)
      await free()
      const next = await final(offloop, await start(offloop, 'true'))
      must(next.state.kind === 'done', `after space was freed a run is ${next.state.kind}`)
      return 'a new run was refused before it was acknowledged; taken again without a restart'
    },
  },
  {
    name: "the disk under a person's database is full",
    short: true,
    async survive(world) {
      const { offloop } = world
      const folder = join(offloop.folder, 'small')
      await mounted(world, folder, ...tmpfs(DATABASE_DISK))
      const file = join(folder, 'full.db')
      new Sqlite(file).exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)').close()
      const { state } = await script(offloop, file, ['INSERT INTO t VALUES (zeroblob(5000000))'])
      const message =
        state.kind === 'failed' && state.cause.kind === 'error' ? state.cause.failure.message : state.kind
      must(/full/.test(message), `it says "${message}"`)
      // What a transaction has left half done is put right by whoever opens it next.
      const found = new Sqlite(file)
      const complaint = found.pragma('integrity_check', { simple: true })
      const rows = found.prepare('SELECT count(*) FROM t').pluck().get()
      found.close()
      must(complaint === 'ok' && rows === 1, `N4: ${String(complaint)}, ${String(rows)} rows`)
      return 'rolled back, and said so'
    },
  },
  {
    name: 'the disk under a log is full',
    prepare: (world) => mounted(world, world.offloop.profile, ...tmpfs(LOG_DISK)),
    async survive({ offloop }) {
      const id = await start(offloop, LOG)
      const { state } = await final(offloop, id)
      must(
        state.kind === 'failed' && state.cause.kind === 'exit' && state.cause.exitCode === 3,
        `the command is ${JSON.stringify(state)}`,
      )
      const { size } = await stat(join(offloop.profile, 'runs', String(id), '1', 'output'))
      const gap = (await readdir(join(offloop.profile, 'runs', String(id), '1'))).includes('gap')
      must(gap || size >= LOG_MEGABYTES * MEGABYTE, 'bytes are missing and no mark says so')
      return 'the command went on to its own end, and a mark says what is missing'
    },
  },
  {
    name: 'the profile cannot be written',
    async survive({ offloop, after }) {
      await ended(offloop)
      // Above it, so that what runs goes on writing beneath.
      await mounted({ after }, offloop.profile, '--bind', offloop.profile)
      const remounted = (how: string): Promise<unknown> =>
        run('mount', ['-o', `remount,bind,${how}`, offloop.profile])
      await remounted('ro')
      const { message } = await answerOf(offloop.reach())
      must(message.includes('cannot write into its folder'), `it says "${message}"`)
      await remounted('rw')
      await back(offloop)
      await final(offloop, await start(offloop, 'true'))
      return 'said so at once, and works once it can be written'
    },
  },
  {
    name: 'the folder of a database cannot be written',
    short: true,
    async survive(world) {
      const { offloop } = world
      const folder = join(offloop.folder, 'read-only')
      await mkdir(folder)
      const file = join(folder, 'data.db')
      new Sqlite(file).exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)').close()
      await chmod(file, 0o444)
      await mounted(world, folder, '--bind', folder)
      await run('mount', ['-o', 'remount,bind,ro', folder])
      const read = await script(offloop, file, ['SELECT * FROM t'], { mode: 'read-only' })
      must(read.state.kind === 'done', `reading it is ${JSON.stringify(read.state)}`)
      const written = await script(offloop, file, ['INSERT INTO t VALUES (2)'])
      must(written.state.kind === 'failed', `writing it is ${written.state.kind}`)
      const beside = await readdir(folder)
      must(beside.length === 1, `there are ${beside.join(', ')}`)
      return 'read, not written, and nothing beside it'
    },
  },
]
