import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceContract, type ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import type { Port } from '#kit/port.ts'
import { serve, type Handlers } from '#kit/serve.ts'
import { keepBackups } from './app-database/backup/keep-backups.ts'
import { openAppDatabase } from './app-database/client.ts'
import { storedDatabases } from './app-database/stored-databases.ts'
import { storedSettings } from './app-database/stored-settings.ts'
import { findNativeLauncher } from './commands/native-launcher.ts'
import { openCommands } from './commands/open-commands.ts'
import { serveDesktop } from './desktop/serve-desktop.ts'
import { serveFanOut } from './fan-out/serve-fan-out.ts'
import { TIGHT_LOG_BYTES, watchDiskRoom } from './output/gap/disk-room.ts'
import { openOutputs } from './output/open-outputs.ts'
import { thisPlatform } from './platform/this-platform.ts'
import { openPipes } from './pipes/pipes.ts'
import { openPumps } from './pipes/pumps.ts'
import { openQueryRuns } from './queries/query-runs.ts'
import { collectHourly, collectResults, measureResults } from './results/collect-results.ts'
import { serveResults } from './results/results.ts'
import { openRunList } from './run-list/run-list.ts'
import { openSavedQueries } from './saved-queries/open-saved-queries.ts'
import { openRunStore } from './runs/open-run-store.ts'
import { serveRuns, type Stoppers } from './runs/serve-runs.ts'
import { openScheduler } from './scheduler/open-scheduler.ts'
import { openSchedules } from './scheduler/open-schedules.ts'
import { serveScheduler } from './scheduler/serve-scheduler.ts'
import { openVault } from './secrets/vault.ts'
import { serveSecrets } from './secrets/serve-secrets.ts'
import { recoveryOfSound } from './recovery/serve-recovery.ts'
import { openScripts } from './scripts/scripts.ts'
import { openSessions } from './sessions/sessions.ts'
import { openTemplates } from './templates/open-templates.ts'
import { openTransfers } from './transfers/transfers.ts'
import { openUsage } from './usage/open-usage.ts'
import { openWorkspace } from './workspace/workspace.ts'

const MS_PER_MINUTE = 60_000
/** Under which name main keeps the key that seals the secrets of commands. */
const VAULT_OWNER = 'secrets of commands'

export interface ServiceOptions {
  /** Absolute path of the folder that holds everything of this profile. */
  readonly profile: string
  /** Absolute path of the folder with `migrations/` and `wrapper/`. */
  readonly resources: string
  /** Absolute path of the folder with everything that was built. */
  readonly out: string
  /** The app database's worker: its bundle, or its source where TypeScript is run directly. */
  readonly worker: URL
  /** The thread that backs the app database up, likewise. */
  readonly backupWorker: URL
  /** The thread that searches outputs, likewise. */
  readonly searchWorker: URL
  /** The thread that compares outputs, likewise. */
  readonly diffWorker: URL
  /** Main, which forks and ends query hosts. */
  readonly broker: Client<BrokerContract>
  /** Told of Offloop's own faults; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** Everything that the service does. */
export interface Service {
  /** Answers a window or a command line on its session port. */
  serve(port: Port): void
  /** Settles when the service cannot go on and should be started again. */
  readonly lost: Promise<Error>
  /** Puts on disk what must be there. Commands go on; queries end with their hosts. */
  close(): Promise<void>
}

/** Where the app database of a profile is, and what brings it to the newest version. */
export function appDatabaseOf({ profile, resources }: Pick<ServiceOptions, 'profile' | 'resources'>) {
  return { file: join(profile, 'offloop.db'), migrations: join(resources, 'migrations') }
}

/**
 * Opens the service over a profile, and finds out what became of the runs that an earlier one has left.
 * @throws RequestFailed `database` when the app database cannot be opened, `disk-full`.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { profile, resources, out, worker, backupWorker, searchWorker, diffWorker, broker, onTrouble } =
    options
  // Read once: each look at a variable of `process.env` asks the system.
  const environment = { ...process.env }
  const findingNative = findNativeLauncher(out)
  const results = join(profile, 'results')
  const folder = join(profile, 'runs')
  await mkdir(results, { recursive: true })
  await mkdir(folder, { recursive: true })

  const { file, migrations } = appDatabaseOf(options)
  const database = await openAppDatabase({ worker, file, migrations })
  const disk = watchDiskRoom(profile)
  const store = await openRunStore(database, onTrouble, disk.expectRoom)
  const platform = thisPlatform()
  const settings = storedSettings(database, onTrouble)
  let chosen = await settings.read()
  const outputs = openOutputs({
    runs: store,
    folder,
    searchWorker,
    diffWorker,
    limits: {
      bytes(id) {
        const run = store.present(id)
        const own = run?.kind === 'command' ? run.terms.logLimitBytes : undefined
        const limit = own ?? chosen.logs.limitBytes
        return disk.isTight() ? Math.min(limit, TIGHT_LOG_BYTES) : limit
      },
      freeRange: platform.freeRange,
    },
    silence: {
      quietAfterMs(id) {
        const run = store.present(id)
        const own = run?.kind === 'command' ? run.terms.quietAfterMs : undefined
        const minutes = chosen.notifications.quietAfterMinutes
        return own ?? (minutes === 0 ? undefined : minutes * MS_PER_MINUTE)
      },
      awaitsInput: platform.awaitsInput,
    },
    onTrouble,
  })
  const usage = openUsage({ runs: store, platform, folder, onTrouble })
  const pumps = openPumps({
    database,
    platform,
    folder: join(profile, 'pipes'),
    runsFolder: folder,
    script: join(resources, 'wrapper', 'pipe.pl'),
    onTrouble,
  })
  const vault = openVault({
    read: async () => (await broker.call('secret.read', { owner: VAULT_OWNER })).secret,
    write: async (secret) => (await broker.call('secret.write', { owner: VAULT_OWNER, secret })).kept,
  })
  const native = await findingNative
  const scheduler = openScheduler({
    database,
    store,
    onTrouble,
    openCommands: (events) =>
      openCommands({
        ...events,
        runs: store,
        outputs,
        platform,
        folder,
        pipes: pumps,
        wrapper: { script: join(resources, 'wrapper', 'wrapper.pl'), native },
        environment,
        vault,
        onTrouble,
      }),
  })
  const runList = openRunList({
    store,
    usage,
    openReader: () => openAppDatabase({ worker, file, migrations, readOnly: true }),
    reasonsOf: (id) => scheduler.reasonsOf(id),
  })
  const schedules = openSchedules({ database, run: (request) => scheduler.run(request), onTrouble })
  const resultPath = (id: number): string => join(results, String(id))
  const sessions = openSessions(broker)
  const queries = openQueryRuns({ store, scheduler, broker, sessions, resultPath, onTrouble })
  const scripts = openScripts({ store, scheduler, broker, onTrouble })
  const transfers = openTransfers({
    store,
    scheduler,
    broker,
    resultPath,
    pipeEnd: (...end) => pumps.end(...end),
    onTrouble,
  })
  const pipes = openPipes({ store, pumps, scheduler, transfers, vault, onTrouble })
  const served = serveResults({ store, resultPath })
  const templates = await openTemplates({ database, vault, onTrouble })
  const savedQueries = await openSavedQueries(database, onTrouble)
  await pumps.restore()
  await queries.reconcile()
  await transfers.reconcile()
  await scheduler.restore((run, signal) => {
    if (run.kind === 'query') return queries.carryOut(run, signal)
    if (run.kind === 'transfer') return transfers.carryOut(run, signal)
    throw new Error(`Run ${run.id} is a command, which no host carries out.`)
  })
  await pipes.restore()
  await schedules.restore()
  const workspace = await openWorkspace({
    profile,
    databases: storedDatabases(database, onTrouble),
    settings,
    broker,
    checkDatabase: queries.checkDatabase,
    readSchema: queries.readSchema,
  })

  const collecting = {
    folder: results,
    store,
    isOpen: served.isOpen,
    limits: async () => (await settings.read()).results,
  }
  const stopCollecting = collectHourly({ ...collecting, onTrouble })

  const stoppers: Stoppers = {
    async query(id) {
      await Promise.all([queries.cancel(id), scripts.cancel(id)])
    },
    transfer: (id) => transfers.cancel(id),
    inPool: (id) => scheduler.cancel(id),
  }
  const desktop = await serveDesktop({ store, scheduler, stoppers, settings })

  const stopBackups = keepBackups({ file, entry: backupWorker, onTrouble })

  const handlers: Handlers<ServiceContract> = {
    ...workspace.handlers,
    ...serveSecrets(broker, async (owner, password) => {
      await Promise.all(
        [queries, scripts, transfers, sessions].map((part) => part.setPassword(owner, password)),
      )
    }),
    ...queries.handlers,
    ...served.handlers,
    ...outputs.handlers,
    ...usage.handlers,
    ...runList.handlers,
    ...scripts.handlers,
    ...transfers.handlers,
    ...pipes.handlers,
    ...templates.handlers,
    ...savedQueries.handlers,
    ...serveFanOut({ store, resultPath, scheduler, vault }),
    ...sessions.handlers,
    ...serveRuns(store, stoppers, (id) => scheduler.reasonsOf(id)),
    ...desktop.handlers,
    ...recoveryOfSound({ file, entry: backupWorker }),
    ...serveScheduler({ scheduler, schedules, store, folder, vault, environment }),
    async 'settings.write'(changes, context) {
      const written = await workspace.handlers['settings.write'](changes, context)
      chosen = await settings.read()
      desktop.settingsChanged(chosen)
      // Whoever makes room wants it now.
      if (changes.results) await collectResults(collecting, context.signal)
      return written
    },
    'results.measure': (_params, { signal }) => measureResults(results, signal),
    'app.describe': async () => ({
      ...(await broker.call('app.describe', {})),
      launcher: native === undefined ? 'perl' : 'native',
    }),
    'app.quit': () => broker.call('app.quit', {}),
  }

  return {
    serve: (port) => void serve(serviceContract, port, handlers, { onTrouble }),
    lost: database.lost,
    async close() {
      await stopBackups()
      schedules.close()
      pipes.close()
      pumps.close()
      desktop.close()
      scheduler.close()
      await queries.close()
      await scripts.close()
      await transfers.close()
      outputs.close()
      await usage.close()
      await stopCollecting()
      await served.close()
      await runList.close()
      await store.close()
      await database.close()
    },
  }
}
