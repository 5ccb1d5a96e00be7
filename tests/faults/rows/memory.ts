import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { areGone, processesOf, until } from '../processes.ts'
import { answerOf, back, BACK_MS, final, output, runOf, script, start, STOP_MS } from './ask.ts'
import { ms, must, NotHere, type Fault } from './fault.ts'
import { ENDLESS, hostOf } from './processes-end.ts'

/** What a process that has its memory may still take, in bytes: less than any of them needs for its next task. */
const LITTLE_MEMORY_BYTES = 2 * 1024 * 1024

/** One role after the other gets no more memory. */
export const memoryUsedUp: readonly Fault[] = (['service', 'query host', 'command', 'main'] as const).map(
  (role): Fault => ({
    name: `the memory of one process is used up: ${role}`,
    async survive(world) {
      const { offloop, witnesses } = world
      const group = join('/sys/fs/cgroup/memory', `offloop-faults-${process.pid}`)
      await mkdir(group).catch((error: unknown) => {
        throw new NotHere(`no memory cgroup can be made: ${String(error)}`)
      })
      world.after(() => rmdir(group).catch(() => undefined))
      await writeFile(join(group, 'memory.limit_in_bytes'), String(LITTLE_MEMORY_BYTES))
      const limit = (pid: number): Promise<void> => writeFile(join(group, 'cgroup.procs'), String(pid))
      switch (role) {
        case 'command': {
          const id = await start(
            offloop,
            'echo begun; sleep 1; x=$(head -c 100m /dev/zero | tr "\\0" x); exit 1',
          )
          await until(BACK_MS, async () => (await output(offloop, id)) !== '')
          const { state } = await runOf(offloop, id)
          if (state.kind === 'running' && state.pid) await limit(state.pid)
          const ended = (await final(offloop, id)).state
          must(ended.kind === 'killed' || ended.kind === 'failed', `it is ${ended.kind}`)
          return `only it ended: ${ended.kind}`
        }
        case 'query host': {
          const query = script(offloop, witnesses.database, [
            ENDLESS.replace('count(*)', 'group_concat(hex(zeroblob(1000)))'),
          ])
          await limit(await hostOf(offloop, witnesses.database))
          const { state } = await query
          must(state.kind === 'lost' || state.kind === 'failed', `the query is ${state.kind}`)
          const next = await script(offloop, witnesses.database, ['SELECT 1'])
          must(next.state.kind === 'done', 'the next query fails too')
          return `only its query failed: ${state.kind === 'lost' ? state.message : state.kind}`
        }
        case 'service':
        case 'main': {
          const pid = (await processesOf(offloop.profile))[role]
          must(pid !== undefined, `there is no ${role}`)
          await limit(pid)
          const gone = await until(STOP_MS, async () => {
            // Whatever it is asked takes memory.
            await answerOf(
              Promise.race([offloop.reach().then((client) => client.call('app.describe', {})), delay(100)]),
            )
            return areGone([pid])
          })
          if (gone === undefined) throw new NotHere('it needed no more memory than it had')
          offloop.lose()
          return `ended, ready after ${ms(await back(offloop))}`
        }
        default:
          return role satisfies never
      }
    },
  }),
)
