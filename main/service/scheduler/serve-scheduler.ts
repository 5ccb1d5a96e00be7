import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandRequest, serviceScheduler } from '#contract/scheduler.ts'
import { isFinal, type CommandSpec, type Run, type RunId } from '#contract/run.ts'
import { looksSecret } from '#contract/environment.ts'
import { failed } from '#kit/request-failed.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import type { Handlers } from '#kit/serve.ts'
import { checkCommand } from '../commands/check-command.ts'
import type { Environment } from '../platform/platform.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Vault } from '../secrets/vault.ts'
import { waitForRuns } from '../runs/wait-for-runs.ts'
import type { Scheduler } from './open-scheduler.ts'
import type { RunRequest } from './run-request.ts'
import type { Schedules } from './open-schedules.ts'
import { shownPool } from './lanes.ts'

/** How long changes of the pools are collected for those who watch them, in milliseconds. */
const COLLECT_MS = 100

export interface ServeSchedulerOptions {
  readonly scheduler: Scheduler
  readonly schedules: Schedules
  readonly store: RunStore
  /** Absolute path of the folder in which each command run has one. */
  readonly folder: string
  readonly vault: Vault
  /** The environment that Offloop was started with. */
  readonly environment: Environment
}

/** Answers what is asked of the scheduler. */
export function serveScheduler({
  scheduler,
  schedules,
  store,
  folder,
  vault,
  environment,
}: ServeSchedulerOptions): Handlers<typeof serviceScheduler> {
  async function found(id: RunId): Promise<Run> {
    const run = await store.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}.`)
    return withReasons(run)
  }
  function withReasons(run: Run): Run {
    const reasons = run.state.kind === 'queued' ? scheduler.reasonsOf(run.id) : undefined
    return reasons ? { ...run, state: { kind: 'queued', reasons } } : run
  }

  async function requested(request: CommandRequest): Promise<RunRequest & { readonly spec: CommandSpec }> {
    const { terms, callerEnvironment, environmentOf, whenFull, roomWaitMs, ...spec } = request
    checkCommand(spec)
    const environment = callerEnvironment
      ? await vault.storeEnvironment(callerEnvironment, spec)
      : environmentOf === undefined
        ? undefined
        : await store.environment(environmentOf)
    return { spec: await vault.sealSpec(spec), terms, environment, whenFull, roomWaitMs }
  }

  return {
    async 'command.run'(request, { signal }) {
      return withReasons(await scheduler.run({ ...(await requested(request)), signal }))
    },

    async 'batch.run'({ commands, onFailure }, { signal }) {
      const requests = await Promise.all(commands.map(requested))
      const { id, runs } = await scheduler.runBatch(
        requests.map((one) => ({ ...one, signal })),
        onFailure,
      )
      return { batch: id, runs: await Promise.all(runs.map((run) => found(run.id))) }
    },

    async 'runs.wait'(selection, { signal }) {
      const { finished, unfinished } = await waitForRuns(store, selection, signal)
      return { finished, unfinished: unfinished.map(withReasons) }
    },

    async 'run.kill'({ id }) {
      const run = await found(id)
      if (run.kind !== 'command')
        throw failed('invalid-params', `Run ${id} is a ${run.kind}, which is cancelled and not killed.`)
      if (!isFinal(run.state)) await scheduler.kill(id)
      return found(id)
    },
    'run.pause': async ({ id }) => withReasons(await scheduler.pause(id)),
    'run.resume': async ({ id }) => withReasons(await scheduler.resume(id)),
    'run.restart': async ({ id, as }) => withReasons(await scheduler.restart(id, as)),
    async 'run.edit'({ id, spec, terms, without }) {
      if (spec) checkCommand(spec)
      return withReasons(await scheduler.edit(id, spec && (await vault.sealSpec(spec)), terms, without))
    },
    async 'run.attempts'({ id }) {
      const run = await found(id)
      const earlier = await store.attempts(id)
      const number = run.kind === 'command' ? run.attempt : 1
      return { attempts: [...earlier, { number, state: run.state }] }
    },
    async 'run.delete'({ id }) {
      await scheduler.delete(id)
      await rm(join(folder, String(id)), { recursive: true, force: true })
      return {}
    },

    async 'input.send'({ id, bytes, end }, { signal }) {
      await scheduler.send(id, bytes, end, signal)
      return {}
    },

    'secrets.where': async () => ({ kept: await vault.where() }),
    async 'environment.list'({ run }) {
      const given = run === undefined ? undefined : await store.environment(run)
      if (given === undefined) return { variables: withoutSecrets(environment), of: 'offloop' }
      const names = Object.keys(await vault.readEnvironment(given))
      return { variables: Object.fromEntries(names.map((name) => [name, null])), of: 'asker' }
    },
    'environment.reveal'({ name }) {
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined
      if (value === undefined) throw failed('not-found', `Offloop was started without a variable "${name}".`)
      return { value }
    },

    async 'terminal.resize'({ id, size }) {
      await scheduler.resizeTerminal(id, size)
      return {}
    },

    async 'schedule.add'({ callerEnvironment, ...content }) {
      checkCommand(content.command)
      const command = await vault.sealSpec(content.command)
      const environment =
        callerEnvironment && (await vault.storeEnvironment(callerEnvironment, content.command))
      return schedules.add({ ...content, command }, environment)
    },
    'schedules.list': () => ({ schedules: schedules.list() }),
    'schedule.turn': ({ id, on }) => schedules.turn(id, on),
    'schedule.occasions': ({ timing, count }) => ({ at: schedules.occasions(timing, count) }),
    async 'schedule.remove'({ id }) {
      await schedules.remove(id)
      return {}
    },

    'pools.list': () => ({ pools: scheduler.pools.list().map(shownPool) }),
    'pools.watch'(_params, context) {
      return emitLatest(
        context,
        () => scheduler.lanes(),
        (changed) => {
          let timer: NodeJS.Timeout | undefined
          const stop = scheduler.watch(() => {
            timer ??= setTimeout(() => {
              timer = undefined
              changed()
            }, COLLECT_MS)
          })
          return () => {
            stop()
            clearTimeout(timer)
          }
        },
      )
    },
    'pool.add': async ({ name, ...limits }) => shownPool(await scheduler.pools.add(name, limits)),
    'pool.set': async ({ name, ...limits }) => shownPool(await scheduler.pools.set(name, limits)),
    'pool.change': async ({ name, how }) => shownPool(await scheduler.pools.change(name, how)),
    'pool.join': async ({ name }, { signal }) => shownPool(await scheduler.pools.join(name, signal)),
  }
}

function withoutSecrets(environment: Environment): Record<string, string | null> {
  const shown = Object.entries(environment).flatMap(([name, value]): [string, string | null][] =>
    value === undefined ? [] : [[name, looksSecret(name, value) ? null : value]],
  )
  return Object.fromEntries(shown)
}
