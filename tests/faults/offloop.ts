import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import type { Connection } from '../../main/cli/reach/connect-socket.ts'
import { reachOffloop } from '../../main/cli/reach/reach-offloop.ts'
import { startOffloop, type Started } from '../../main/cli/reach/start-offloop.ts'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { areGone, processesOf, send, until } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const END_MS = 30_000

/** The built app without a window, on a profile of its own, which may be killed at any moment. */
export interface Offloop {
  readonly folder: string
  readonly profile: string
  /** A line to its service; Offloop is started when it does not run. */
  reach(): Promise<Client<ServiceContract>>
  /** Starts it once more on its profile, as a person does by accident. @returns the second process. */
  startAgain(): Promise<Started>
  /** Lets go of the line: the service behind it has ended. */
  lose(): void
  /** Ends it. */
  end(): Promise<void>
  /** Ends it and removes everything. */
  close(): Promise<void>
}

export async function openOffloop(signal: AbortSignal): Promise<Offloop> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-faults-'))
  const profile = join(folder, 'profile')
  const { executable, args, env } = launchFromEnvironment(process.env)
  const launch = { executable, args: [...args, ROOT], env: { ...env } }
  let connection: Promise<Connection> | undefined
  function lose(): void {
    connection?.then(
      ({ close }) => close(),
      () => undefined,
    )
    connection = undefined
  }
  async function end(): Promise<void> {
    lose()
    const { all, main } = await processesOf(profile)
    send(main, 'SIGTERM')
    await until(END_MS, () => areGone(all))
    for (const pid of all) send(pid, 'SIGKILL')
  }
  return {
    folder,
    profile,
    async reach() {
      connection ??= reachOffloop(profile, launch, signal)
      try {
        return (await connection).client
      } catch (error) {
        connection = undefined
        throw error
      }
    },
    startAgain: () => startOffloop(profile, launch),
    lose,
    end,
    async close() {
      await end()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
