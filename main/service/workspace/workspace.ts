import { basename, join } from 'node:path'
import { engineOf, HISTORY, type DatabaseEntry, type Schema } from '#contract/database.ts'
import type { SampleState, ServiceContract } from '#contract/service.ts'
import type { brokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import { failureOf } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { StoredDatabases } from '../app-database/stored-databases.ts'
import type { StoredSettings } from '../app-database/stored-settings.ts'
import { databaseName } from '../queries/database-name.ts'
import { makeSampleOnce } from './make-sample.ts'
import { sampleCommands } from './sample-commands.ts'

export type WorkspaceMethods =
  'workspace.watch' | 'settings.write' | 'database.open' | 'database.forget' | 'database.schema'

export interface WorkspaceParts {
  /** Absolute path of the profile; the sample lies in it. */
  readonly profile: string
  readonly databases: StoredDatabases
  readonly settings: StoredSettings
  readonly broker: Client<typeof brokerContract>
  /** Checks that a file opens as a database. @throws RequestFailed `database` or `not-found` */
  readonly checkDatabase: (path: string, mode: DatabaseEntry['mode'], signal: AbortSignal) => Promise<void>
  readonly readSchema: (path: string, signal: AbortSignal) => Promise<Schema>
}

/** What the person works with: databases, commands, settings. */
export interface Workspace {
  readonly handlers: Pick<Handlers<ServiceContract>, WorkspaceMethods>
}

/** Reads the workspace and, on the first start, has its sample database made in the background. */
export async function openWorkspace(parts: WorkspaceParts): Promise<Workspace> {
  const { databases, settings, broker, checkDatabase, readSchema } = parts
  const samplePath = join(parts.profile, 'sample', 'sample.db')
  const commands = sampleCommands()
  const listeners = new Set<() => void>()
  let entries = await databases.list()
  let chosen = await settings.read()
  let sample: SampleState = { kind: 'making', fraction: 0 }

  function changed(): void {
    for (const listener of listeners) listener()
  }

  async function keep(entry: DatabaseEntry): Promise<void> {
    await databases.add(entry)
    entries = await databases.list()
    changed()
  }

  async function makeSample(): Promise<void> {
    try {
      const made = await makeSampleOnce(samplePath, broker, (fraction) => {
        sample = { kind: 'making', fraction }
        changed()
      })
      // One that was there already may have been taken off the workspace on purpose.
      if (made) await keep({ path: samplePath, name: basename(samplePath), mode: 'read-write', sample: true })
      sample = { kind: 'ready' }
    } catch (error) {
      sample = { kind: 'failed', message: failureOf(error).message }
    }
    changed()
  }
  void makeSample()

  return {
    handlers: {
      'workspace.watch': (_params, context) =>
        emitLatest(
          context,
          () => ({ databases: entries, commands, sample, settings: chosen }),
          (listener) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        ),
      async 'settings.write'(changes) {
        chosen = await settings.write(changes)
        changed()
        return chosen
      },
      async 'database.open'({ path: wanted, mode: asked }, { signal }) {
        const isHistory = engineOf(wanted) === 'history'
        const path = isHistory ? HISTORY + parts.profile : wanted
        const mode = isHistory ? 'read-only' : asked
        await checkDatabase(path, mode, signal)
        const entry: DatabaseEntry = { path, name: databaseName(path), mode, sample: path === samplePath }
        await keep(entry)
        return entry
      },
      async 'database.forget'({ path }) {
        await databases.forget(path)
        entries = await databases.list()
        changed()
        return {}
      },
      'database.schema': ({ path }, { signal }) => readSchema(path, signal),
    },
  }
}
