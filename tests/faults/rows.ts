import { readdir, readFile, rename, rm, symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ENDPOINT_FOLDER } from '#contract/command-line.ts'
import { isFinal, type CommandRun, type RunId } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { openOffloop, type Offloop } from './offloop.ts'
import { areGone, processesOf, send, until } from './processes.ts'

/**
 * Faults, one after the other, against the built app in a real Electron: `node tests/faults/rows.ts [words of a name]`. Says how
 * many were survived, and ends with 1 when one was not.
 */

/** How soon no process of the app may be left, in milliseconds. */
const GONE_MS = 5_000
/** How soon an unanswered question must fail. */
const LOST_MS = 1_000
/** A start on a machine under load; what it took is told. */
const BACK_MS = 30_000
const STOPPED_MS = 5_000
/** How soon everything answers again that was stopped. */
const USABLE_MS = 2_000
/** Longer than a willing command gets to end. */
const STOP_MS = 30_000

interface Fault {
  readonly name: string
  /** @returns what was seen, for the table. @throws Error when a promise was broken. */
  survive(offloop: Offloop): Promise<string>
}

const FAULTS: readonly Fault[] = [
  {
    name: 'main is killed',
    async survive(offloop) {
      const id = await start(offloop, 'sleep 4; echo end; exit 7')
      const { main, all } = await processesOf(offloop.profile)
      send(main, 'SIGKILL')
      offloop.lose()
      const goneMs = await until(GONE_MS, () => areGone(all))
      must(goneMs !== undefined, `processes of the app are left ${GONE_MS} ms later`)
      const backMs = await back(offloop)
      const run = await final(offloop, id)
      must(exitCodeOf(run) === 7, `the command ended as ${JSON.stringify(run.state)}`)
      must((await output(offloop, id)) === 'end\n', 'its output is not whole')
      return `gone after ${ms(goneMs)}, ready after ${ms(backMs)}, the command taken over with its exit code`
    },
  },
  {
    name: 'the service is killed',
    async survive(offloop) {
      const id = await start(offloop, 'sleep 4; echo end; exit 7')
      const client = await offloop.reach()
      const pending = client.call('runs.wait', { ids: [id], until: 'all' }).then(
        () => 'answered',
        (error: unknown) => (error instanceof RequestFailed ? error.failure.code : String(error)),
      )
      const from = performance.now()
      send((await processesOf(offloop.profile)).service, 'SIGKILL')
      const code = await Promise.race([pending, delay(LOST_MS, 'nothing')])
      must(code === 'host-lost', `an open question got "${code}"`)
      const lostMs = performance.now() - from
      offloop.lose()
      const backMs = await back(offloop)
      must(exitCodeOf(await final(offloop, id)) === 7, 'the exit code is not 7')
      return `questions failed after ${ms(lostMs)}, ready after ${ms(backMs)}, the command taken over`
    },
  },
  {
    name: 'a command is killed',
    async survive(offloop) {
      const id = await start(offloop, 'echo begun; exec sleep 100')
      await until(BACK_MS, async () => (await output(offloop, id)) !== '')
      const { state } = await runOf(offloop, id)
      send(state.kind === 'running' ? state.pid : undefined, 'SIGKILL')
      const ended = (await final(offloop, id)).state
      must(ended.kind === 'killed' && ended.signal === 9, `it ended as ${JSON.stringify(ended)}`)
      must((await output(offloop, id)) === 'begun\n', 'its output is not whole')
      return 'killed by signal 9, output whole'
    },
  },
  {
    name: 'main is stopped, and goes on',
    async survive(offloop) {
      await offloop.reach()
      const { main } = await processesOf(offloop.profile)
      send(main, 'SIGSTOP')
      await delay(STOPPED_MS)
      // The service does not need main for this.
      await (await offloop.reach()).call('runs.list', { limit: 1 })
      send(main, 'SIGCONT')
      const usableMs = await until(USABLE_MS, async () => {
        await (await offloop.reach()).call('app.describe', {})
        return true
      })
      must(usableMs !== undefined, `it does not answer ${USABLE_MS} ms later`)
      return `the service answered meanwhile, main ${ms(usableMs)} after it went on`
    },
  },
  {
    name: 'a command ignores TERM and has descendants elsewhere',
    async survive(offloop) {
      const id = await start(offloop, "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 200\" & sleep 200")
      const took = await cancelled(offloop, id)
      return `all of it was gone after ${ms(took)}`
    },
  },
  {
    name: 'a command is stopped, and then cancelled',
    async survive(offloop) {
      const id = await start(offloop, 'sleep 100')
      const { state } = await runOf(offloop, id)
      send(state.kind === 'running' ? state.pid : undefined, 'SIGSTOP')
      return `it was gone after ${ms(await cancelled(offloop, id))}`
    },
  },
  {
    name: 'the output of one run is cut',
    async survive(offloop) {
      const [cut, whole] = [await start(offloop, 'seq 1 1000'), await start(offloop, 'seq 1 1000')]
      await final(offloop, cut)
      await final(offloop, whole)
      // Whatever was counted in memory is forgotten with the service.
      send((await processesOf(offloop.profile)).service, 'SIGKILL')
      offloop.lose()
      await truncate(outputPath(offloop, cut), 100)
      const client = await offloop.reach()
      const lines = { from: 0, count: 10 }
      const message = await client.call('output.lines', { id: cut, ...lines }).then(
        () => '',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      must(message.includes('was cut'), `its view says "${message}"`)
      const read = await client.call('output.lines', { id: whole, ...lines })
      must(read.lines.length === lines.count, 'the other run cannot be read')
      return 'only its view says so'
    },
  },
  {
    name: "the app's own database is damaged",
    async survive(offloop) {
      await final(offloop, await start(offloop, 'true'))
      const file = join(offloop.profile, 'offloop.db')
      await ended(offloop)
      await truncate(file, 5_000)
      await rm(`${file}-wal`, { force: true })
      const damaged = await readFile(file)
      const backMs = await back(offloop)
      const message = await (await offloop.reach()).call('runs.list', { limit: 1 }).then(
        () => 'a list of runs',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      must(message.includes('is damaged'), `it answers ${message}`)
      must(damaged.equals(await readFile(file)), 'the file was changed')
      const copy = /a copy is in "([^"]+)"/.exec(message)?.[1] ?? ''
      must(damaged.equals(await readFile(copy)), 'the copy is another')
      return `said so after ${ms(backMs)}, left as it is, with a copy`
    },
  },
  {
    name: 'the place of the socket is a link',
    async survive(offloop) {
      await offloop.reach()
      await ended(offloop)
      const folder = join(offloop.profile, ENDPOINT_FOLDER)
      await rename(folder, `${folder}-elsewhere`)
      await symlink(`${folder}-elsewhere`, folder)
      const message = await offloop.reach().then(
        () => 'a line to the service',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      must(message.includes('is not trusted'), `it gave ${message}`)
      await rm(folder)
      return 'refused'
    },
  },
]

await surviveAll(process.argv.slice(2).join(' '))

async function surviveAll(words: string): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const chosen = FAULTS.filter(({ name }) => name.includes(words))
  let survived = 0
  for (const { name, survive } of chosen) {
    const offloop = await openOffloop(stopping.signal)
    try {
      const seen = await survive(offloop)
      survived += 1
      process.stdout.write(`survived  ${name}: ${seen}\n`)
    } catch (error) {
      process.stdout.write(`BROKEN    ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    } finally {
      await offloop.close()
    }
  }
  process.stdout.write(`Survived ${survived} of ${chosen.length}.\n`)
  if (survived < chosen.length) process.exitCode = 1
}

function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

function ms(milliseconds: number): string {
  return `${Math.round(milliseconds)} ms`
}

/** Starts a line for /bin/sh. */
async function start(offloop: Offloop, line: string): Promise<RunId> {
  const command = { kind: 'program' as const, program: '/bin/sh', args: ['-c', line] }
  const spec = { kind: 'command' as const, command, folder: '/', environment: {} }
  return (await (await offloop.reach()).call('command.run', spec)).id
}

async function runOf(offloop: Offloop, id: RunId): Promise<CommandRun> {
  const run = await (await offloop.reach()).call('run.get', { id })
  if (run.kind !== 'command') throw new Error(`Run ${id} is a ${run.kind}.`)
  return run
}

async function final(offloop: Offloop, id: RunId): Promise<CommandRun> {
  await (await offloop.reach()).call('runs.wait', { ids: [id], until: 'all', deadlineMs: STOP_MS })
  const run = await runOf(offloop, id)
  must(isFinal(run.state), `run ${id} has not ended`)
  return run
}

/** Cancels a run. @returns how long it took until nothing of it was left, in milliseconds. */
async function cancelled(offloop: Offloop, id: RunId): Promise<number> {
  const from = performance.now()
  const { state } = await (await offloop.reach()).call('run.cancel', { id })
  must(state.kind === 'cancelled', `it is ${state.kind}`)
  const took = performance.now() - from
  must(took < STOP_MS, `it took ${ms(took)}`)
  const marker = await readFile(join(offloop.profile, 'runs', String(id), '1', 'intent'), 'utf8')
  const left = await processesWith(`OFFLOOP_RUN=${marker}`)
  must(left.length === 0, `processes ${left.join(', ')} are left`)
  return took
}

async function processesWith(variable: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const variables = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')
    if (variables.split('\0').includes(variable)) found.push(Number(name))
  }
  return found
}

/** Waits until Offloop answers. @returns after how long, in milliseconds. */
async function back(offloop: Offloop): Promise<number> {
  const from = performance.now()
  await (await offloop.reach()).call('app.describe', {}).catch(() => undefined)
  const took = performance.now() - from
  must(took < BACK_MS, `it was back after ${ms(took)}`)
  return took
}

/** Ends Offloop as a person does. */
async function ended(offloop: Offloop): Promise<void> {
  const { all } = await processesOf(offloop.profile)
  await (await offloop.reach()).call('app.quit', {})
  offloop.lose()
  const gone = await until(BACK_MS, () => areGone(all))
  must(gone !== undefined, 'it does not quit')
}

function outputPath(offloop: Offloop, id: RunId): string {
  return join(offloop.profile, 'runs', String(id), '1', 'output')
}

function output(offloop: Offloop, id: RunId): Promise<string> {
  return readFile(outputPath(offloop, id), 'utf8').catch(() => '')
}

function exitCodeOf({ state }: CommandRun): number | undefined {
  if (state.kind === 'done') return 0
  return state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : undefined
}
