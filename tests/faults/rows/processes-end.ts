import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { areGone, hasOpen, processesOf, send, until } from '../processes.ts'
import type { Offloop } from '../offloop.ts'
import { answerOf, back, BACK_MS, exitCodeOf, final, output, runOf, script, start, STOP_MS } from './ask.ts'
import { ms, must, type Fault } from './fault.ts'
import { processesWith } from './witnesses.ts'

/** How soon no process of the app may be left, in milliseconds. */
const GONE_MS = 5_000
/** How soon an unanswered question must fail. */
const LOST_MS = 1_000
const STOPPED_MS = 5_000
/** How soon everything answers again that was stopped. */
const USABLE_MS = 2_000
/** A stopped service is ended after eight missed beats of a second each, and a beat to notice. */
const NOTICED_MS = 11_000
/** How soon a query ends that is cancelled; the host is ended after 300 ms. */
const CANCELLED_MS = 1_000
/** How long a fault may let a process live on at most. */
const MAX_DELAY_MS = 500

/** A statement that never ends by itself. */
export const ENDLESS =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'

/** The process that runs the statement on a database. */
export async function hostOf(offloop: Offloop, database: string): Promise<number> {
  let host: number | undefined
  await until(BACK_MS, async () => {
    for (const pid of (await processesOf(offloop.profile)).all) if (await hasOpen(pid, database)) host = pid
    return host !== undefined
  })
  must(host !== undefined, 'no query host has opened the database')
  return host
}

/** Kills and stops, one process at a time. */
export const processesEnd: readonly Fault[] = [
  {
    name: 'main is killed',
    async survive({ offloop, chance }) {
      const id = await start(offloop, 'sleep 4; echo end; exit 7')
      await delay(chance() * MAX_DELAY_MS)
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
    async survive({ offloop, chance }) {
      const id = await start(offloop, 'sleep 4; echo end; exit 7')
      const client = await offloop.reach()
      const pending = answerOf(client.call('runs.wait', { ids: [id], until: 'all' }))
      await delay(chance() * MAX_DELAY_MS)
      const from = performance.now()
      send((await processesOf(offloop.profile)).service, 'SIGKILL')
      const { code } = await Promise.race([pending, delay(LOST_MS, { code: 'nothing', message: '' })])
      must(code === 'host-lost', `an open question got "${code}"`)
      const lostMs = performance.now() - from
      offloop.lose()
      const backMs = await back(offloop)
      must(exitCodeOf(await final(offloop, id)) === 7, 'the exit code is not 7')
      return `questions failed after ${ms(lostMs)}, ready after ${ms(backMs)}, the command taken over`
    },
  },
  {
    name: 'a query host is killed',
    async survive({ offloop, witnesses, chance }) {
      const query = script(offloop, witnesses.database, ['BEGIN', 'INSERT INTO kept VALUES (5)', ENDLESS])
      const host = await hostOf(offloop, witnesses.database)
      await delay(chance() * MAX_DELAY_MS)
      const from = performance.now()
      send(host, 'SIGKILL')
      const { state } = await query
      const took = performance.now() - from
      must(state.kind === 'lost' || state.kind === 'failed', `the query is ${state.kind}`)
      must(took < LOST_MS, `it failed after ${ms(took)}`)
      const next = await script(offloop, witnesses.database, ['SELECT 1'])
      must(next.state.kind === 'done', 'the next query fails too')
      return `only its query failed, after ${ms(took)}`
    },
  },
  {
    name: 'a command is killed',
    async survive({ offloop }) {
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
    async survive({ offloop }) {
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
    name: 'the service is stopped',
    async survive({ offloop }) {
      const { service } = await processesOf(offloop.profile)
      must(service !== undefined && send(service, 'SIGSTOP'), 'there is no service')
      const endedMs = await until(NOTICED_MS, () => areGone([service]))
      must(endedMs !== undefined, `it is still there ${NOTICED_MS} ms later`)
      offloop.lose()
      return `ended after ${ms(endedMs)}, ready ${ms(await back(offloop))} later`
    },
  },
  {
    name: 'a query host is stopped, and its query cancelled',
    async survive({ offloop, witnesses }) {
      const stopping = new AbortController()
      const query = script(offloop, witnesses.database, [ENDLESS], { signal: stopping.signal })
      send(await hostOf(offloop, witnesses.database), 'SIGSTOP')
      const from = performance.now()
      stopping.abort()
      const { code } = await answerOf(query)
      const took = performance.now() - from
      must(code === 'cancelled' || code === 'answered', `it got ${code}`)
      must(took < CANCELLED_MS, `it took ${ms(took)}`)
      return `cancelled after ${ms(took)}`
    },
  },
  {
    name: 'a command ignores TERM and has descendants elsewhere',
    async survive({ offloop }) {
      const ready = join(offloop.folder, 'ready')
      const deaf = `trap '' TERM; echo x >> '${ready}'; while :; do sleep 1; done`
      const id = await start(offloop, `setsid sh -c "${deaf}" & ${deaf}`)
      await until(BACK_MS, async () => (await readFile(ready, 'utf8').catch(() => '')) === 'x\nx\n')
      return `all of it was gone after ${ms(await cancelled(offloop, id))}`
    },
  },
  {
    name: 'a command is stopped, and then cancelled',
    async survive({ offloop }) {
      const id = await start(offloop, 'sleep 100')
      const { state } = await runOf(offloop, id)
      send(state.kind === 'running' ? state.pid : undefined, 'SIGSTOP')
      return `it was gone after ${ms(await cancelled(offloop, id))}`
    },
  },
]

/** Cancels a run. @returns how long it took until nothing of it was left, in milliseconds. */
async function cancelled(offloop: Offloop, id: Awaited<ReturnType<typeof start>>): Promise<number> {
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
