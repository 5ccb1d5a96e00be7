import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { isFinal, type CommandRun, type RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { chances } from './chances.ts'
import { begunFolder, lineOf, makePlan, wrongWith } from './chaos-runs.ts'
import { openOffloop } from './offloop.ts'
import { areGone, processesOf, send, until } from './processes.ts'

/**
 * The chaos: `node tests/faults/chaos.ts [--minutes 5 | --kills 30] [--seed 1]`, against the built app in a real Electron.
 *
 * Runs are added without end while main, the service, the launcher, wrappers and commands are killed at random moments,
 * until the time is over or so many kills are done, and each kind of them twice. Afterwards every promise is checked for
 * every run. It ends with 1 when one was broken.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' } },
})
const MINUTES = Number(values.minutes ?? 5)
const KILLS = values.kills === undefined ? undefined : Number(values.kills)
const SEED = Number(values.seed ?? Date.now() % 1e6)
/** Of each kind, in the form that counts kills. */
const LEAST_OF_A_KIND = 2

const POOL = { name: 'chaos', concurrency: 8, capacity: 0 }
/** Enough that some always wait, and few enough that all end soon after the last kill. */
const MOST_WAITING = 60
const MAX_BATCH = 20
const MAX_PAUSE_MS = 1_200
/** A main process gives a service up that ends a third time within five minutes. */
const MAX_SERVICE_KILLS = 2
/**
 * No process of the app may be left so long after main is gone, in milliseconds. Where kills are counted, the speed of the
 * machine must not decide: that they go at all is checked there.
 */
const GONE_MS = KILLS === undefined ? 5_000 : 60_000
/** A service is back sooner, also on a machine under load. */
const GIVEN_UP_MS = 15_000
const DRAIN_MS = 300_000
const PAGE = 200

const TARGETS = ['command', 'command', 'wrapper', 'launcher', 'service', 'service', 'main'] as const
type Target = (typeof TARGETS)[number]

const chance = chances(SEED)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const offloop = await openOffloop(stopping.signal)
const kills: Record<Target, number> = { command: 0, wrapper: 0, launcher: 0, service: 0, main: 0 }
const killedCommands = new Set<RunId>()
const killedWrappers = new Set<RunId>()
const acknowledged = new Set<RunId>()
const broken: string[] = []
let refused = 0
let givenUp = 0
try {
  const end = performance.now() + MINUTES * 60_000
  const goesOn = (): boolean => {
    stopping.signal.throwIfAborted()
    return KILLS === undefined
      ? performance.now() < end
      : count() < KILLS || Object.values(kills).some((ofAKind) => ofAKind < LEAST_OF_A_KIND)
  }
  await Promise.all([addWhile(goesOn), killWhile(goesOn)])
  const runs = await drained()
  for (const id of acknowledged)
    if (!runs.some((run) => run.id === id)) broken.push(`Run ${id} was acknowledged and is gone.`)
  const begunIn = await begunFolder(offloop.folder)
  for (const run of runs) {
    const wrong = await wrongWith(run, begunIn, join(offloop.profile, 'runs'), {
      killedCommands,
      killedWrappers,
    })
    if (wrong !== undefined) broken.push(`Run ${run.id} ${wrong}.`)
  }
  report(runs)
} finally {
  await offloop.close()
}
process.exitCode = broken.length === 0 ? 0 : 1

/** Asks the service; undefined when it ended meanwhile, in whatever way that showed. */
async function ask<T>(question: (client: Client<ServiceContract>) => Promise<T>): Promise<T | undefined> {
  try {
    return await question(await offloop.reach())
  } catch {
    stopping.signal.throwIfAborted()
    refused += 1
    offloop.lose()
    return undefined
  }
}

async function addWhile(goesOn: () => boolean): Promise<void> {
  const begunIn = await begunFolder(offloop.folder)
  for (let number = 0; goesOn();) {
    const pools = await ask((client) => client.call('pools.list', {}))
    const pool = pools?.pools.find(({ name }) => name === POOL.name)
    if (pools && !pool) await ask((client) => client.call('pool.add', POOL))
    if (!pool || pool.queued > MOST_WAITING) {
      await delay(20)
      continue
    }
    const size = 1 + Math.floor(chance() * MAX_BATCH)
    const commands = Array.from({ length: size }, () => ({
      kind: 'command' as const,
      command: {
        kind: 'program' as const,
        program: '/bin/sh',
        args: ['-c', lineOf(makePlan(number++, chance), begunIn)],
      },
      folder: '/',
      environment: {},
      terms: { pool: POOL.name },
    }))
    const [first] = commands
    if (size === 1 && first) {
      const run = await ask((client) => client.call('command.run', first))
      if (run) acknowledged.add(run.id)
    } else {
      const batch = await ask((client) => client.call('batch.run', { commands, onFailure: 'go-on' }))
      for (const { id } of batch?.runs ?? []) acknowledged.add(id)
    }
  }
}

async function killWhile(goesOn: () => boolean): Promise<void> {
  let serviceKills = 0
  while (goesOn()) {
    await delay(chance() * MAX_PAUSE_MS)
    if (await isGivenUp()) {
      givenUp += 1
      serviceKills = MAX_SERVICE_KILLS
      if (await kill('main')) serviceKills = 0
      continue
    }
    // Near the end of what is counted, what has been killed too seldom.
    const left = TARGETS.filter((target) => kills[target] < LEAST_OF_A_KIND)
    const among = KILLS !== undefined && count() >= KILLS ? left : TARGETS
    const drawn = among[Math.floor(chance() * among.length)] ?? 'command'
    const target = drawn === 'service' && serviceKills === MAX_SERVICE_KILLS ? 'main' : drawn
    if (!(await kill(target))) continue
    kills[target] += 1
    if (target === 'service') serviceKills += 1
    if (target === 'main') serviceKills = 0
  }
}

/** Whether main lives and has had no service for so long that none will come: then somebody must start anew. */
async function isGivenUp(): Promise<boolean> {
  const back = await until(GIVEN_UP_MS, async () => {
    const { main, service } = await processesOf(offloop.profile)
    return main === undefined || service !== undefined
  })
  return back === undefined
}

async function kill(target: Target): Promise<boolean> {
  const { main, service, all } = await processesOf(offloop.profile)
  switch (target) {
    case 'main': {
      if (!send(main, 'SIGKILL')) return false
      const gone = await until(GONE_MS, () => areGone(all))
      if (gone === undefined) broken.push(`Processes were left ${GONE_MS} ms after main was killed.`)
      return true
    }
    case 'service':
      return send(service, 'SIGKILL')
    case 'launcher':
    case 'wrapper':
    case 'command':
      return killOfSomeRun(target)
    default:
      return target satisfies never
  }
}

async function killOfSomeRun(target: 'launcher' | 'wrapper' | 'command'): Promise<boolean> {
  const { service } = await processesOf(offloop.profile)
  const list = service && (await ask((client) => client.call('runs.list', { limit: PAGE, unfinished: true })))
  const running = list ? list.runs.filter(({ state }) => state.kind === 'running') : []
  const run = running[Math.floor(chance() * running.length)]
  if (run?.kind !== 'command') return false
  const attempt = join(offloop.profile, 'runs', String(run.id), String(run.attempt))
  const record = target === 'command' ? 'command' : 'wrapper'
  const pid = Number((await readFile(join(attempt, record), 'utf8').catch(() => '')).split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1) return false
  switch (target) {
    case 'command':
      killedCommands.add(run.id)
      return send(pid, 'SIGKILL')
    case 'wrapper':
      killedWrappers.add(run.id)
      return send(pid, 'SIGKILL')
    case 'launcher': {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
      const line = await readFile(`/proc/${parent}/cmdline`, 'utf8').catch(() => '')
      // An adopted wrapper has another parent.
      return /wrapper\.pl|offloop-launcher/.test(line) && send(parent, 'SIGKILL')
    }
    default:
      return target satisfies never
  }
}

/** Waits until nothing runs or waits any more. @returns every run there is. */
async function drained(): Promise<CommandRun[]> {
  const ended = await until(DRAIN_MS, async () => {
    const left = await ask((client) => client.call('runs.list', { limit: 1, unfinished: true }))
    return left?.runs.length === 0
  })
  if (ended === undefined) broken.push(`Runs had not ended ${DRAIN_MS} ms after the last kill.`)
  const all: CommandRun[] = []
  for (let before: RunId | undefined, more = true; more;) {
    const page = await ask((client) => client.call('runs.list', { before, limit: PAGE }))
    if (!page) continue
    all.push(...page.runs.filter((run) => run.kind === 'command'))
    more = page.more
    before = page.runs.at(-1)?.id
  }
  return all.filter(({ state }) => isFinal(state))
}

function count(): number {
  return Object.values(kills).reduce((sum, ofAKind) => sum + ofAKind, 0)
}

function report(runs: readonly CommandRun[]): void {
  const ends = new Map<string, number>()
  for (const { state } of runs) ends.set(state.kind, (ends.get(state.kind) ?? 0) + 1)
  const list = (entries: Iterable<readonly [string, number]>): string =>
    [...entries].map(([name, found]) => `${name} ${found}`).join(', ')
  process.stdout.write(
    `Chaos with seed ${SEED}: ${count()} kills in ${Math.round(performance.now() / 1_000)} s (${list(Object.entries(kills))}).\n` +
      `${runs.length} runs, ${acknowledged.size} of them acknowledged, ${refused} questions cut off: ${list(ends)}.\n` +
      `The service was given up ${givenUp} times.\n` +
      (broken.length === 0 ? 'Every promise was kept.\n' : `BROKEN:\n  ${broken.join('\n  ')}\n`),
  )
}
