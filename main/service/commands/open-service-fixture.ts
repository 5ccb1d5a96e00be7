import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandSpec, RunId } from '#contract/run.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { openAppDatabase } from '../app-database/client.ts'
import { MIGRATIONS, WORKER } from '../app-database/locations-fixture.ts'
import { watchDiskRoom } from '../output/gap/disk-room.ts'
import { openOutputs } from '../output/open-outputs.ts'
import type { Platform } from '../platform/platform.ts'
import { thisPlatform } from '../platform/this-platform.ts'
import { openPipes } from '../pipes/pipes.ts'
import { openPumps } from '../pipes/pumps.ts'
import { openQueryRuns } from '../queries/query-runs.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import { openSchedules } from '../scheduler/open-schedules.ts'
import { openScheduler } from '../scheduler/open-scheduler.ts'
import { openScripts } from '../scripts/scripts.ts'
import { openSessions } from '../sessions/sessions.ts'
import { openTransfers, type Transfers } from '../transfers/transfers.ts'
import { testVault } from '../secrets/vault-fixture.ts'
import { findNativeLauncher } from './native-launcher.ts'
import { openCommands } from './open-commands.ts'

const WRAPPER = fileURLToPath(new URL('../../../resources/wrapper/wrapper.pl', import.meta.url))
const OUT = fileURLToPath(new URL('../../../out', import.meta.url))
const PIPE = fileURLToPath(new URL('../../../resources/wrapper/pipe.pl', import.meta.url))

const DIFF_WORKER = new URL('../diff/diff-worker.ts', import.meta.url)
const SEARCH_WORKER = new URL('../output/search-worker.ts', import.meta.url)

/** Short, so that tests of stubborn commands are short; long enough for a willing one on a busy machine. */
const GRACE_MS = 700

/** What a test wants otherwise. */
export interface OpenOptions {
  readonly logLimitBytes?: number
  readonly freeRange?: Platform['freeRange']
  /** After how long without output a command is quiet; never unless it is given. */
  readonly quietAfterMs?: number
  /** For pipes that begin with a query or end in a table. */
  readonly broker?: Client<BrokerContract>
}

/** Opens the service's parts that run commands, on a folder of their own, as the composition does. */
export async function openService(
  folder: string,
  onTrouble: (message: string, cause?: unknown) => void,
  { logLimitBytes = Infinity, freeRange = thisPlatform().freeRange, quietAfterMs, broker }: OpenOptions = {},
) {
  const database = await openAppDatabase({
    worker: WORKER,
    file: join(folder, 'offloop.sqlite'),
    migrations: MIGRATIONS,
  })
  const runs = await openRunStore(database, onTrouble, watchDiskRoom(folder).expectRoom)
  const runsFolder = join(folder, 'runs')
  const limits = { bytes: () => logLimitBytes, freeRange }
  const silence = { quietAfterMs: () => quietAfterMs, awaitsInput: thisPlatform().awaitsInput }
  const outputs = openOutputs({
    runs,
    folder: runsFolder,
    searchWorker: SEARCH_WORKER,
    diffWorker: DIFF_WORKER,
    limits,
    silence,
    onTrouble,
  })
  const pumps = openPumps({
    database,
    platform: thisPlatform(),
    folder: join(folder, 'pipes'),
    runsFolder,
    script: PIPE,
    onTrouble,
  })
  const vault = testVault()
  const wrapper = { script: WRAPPER, native: await findNativeLauncher(OUT) }
  const scheduler = openScheduler({
    database,
    store: runs,
    onTrouble,
    openCommands: (events) =>
      openCommands({
        ...events,
        runs,
        outputs,
        platform: thisPlatform(),
        folder: runsFolder,
        pipes: pumps,
        wrapper,
        environment: { ...process.env },
        vault,
        graceMs: GRACE_MS,
        onTrouble,
      }),
  })
  const resultPath = (id: RunId): string => join(folder, 'results', String(id))
  const queries =
    broker &&
    openQueryRuns({
      ...{ store: runs, scheduler, broker, sessions: openSessions(broker), resultPath, onTrouble },
    })
  const scripts = broker && openScripts({ store: runs, scheduler, broker, onTrouble })
  const transfers =
    broker &&
    openTransfers({
      store: runs,
      scheduler,
      broker,
      resultPath,
      pipeEnd: (...end) => pumps.end(...end),
      onTrouble,
    })
  const pipes = openPipes({
    ...{ store: runs, pumps, scheduler, transfers: transfers ?? NO_TRANSFERS, vault, onTrouble },
  })
  await pumps.restore()
  await queries?.reconcile()
  await transfers?.reconcile()
  await scheduler.restore((run, signal) => {
    if (run.kind === 'query' && queries) return queries.carryOut(run, signal)
    if (run.kind === 'transfer' && transfers) return transfers.carryOut(run, signal)
    throw new Error('There are no query hosts here.')
  })
  await pipes.restore()
  const schedules = openSchedules({ database, run: (request) => scheduler.run(request), onTrouble })
  await schedules.restore()
  return {
    runs,
    outputs,
    database,
    scheduler,
    schedules,
    pipes,
    queries,
    scripts,
    resultPath,
    transfers,
    vault,
    commands: {
      run: (spec: CommandSpec) => scheduler.run({ spec }),
      stop: (id: RunId) => scheduler.cancel(id),
    },
    runsFolder,
    async close(): Promise<void> {
      schedules.close()
      pipes.close()
      pumps.close()
      scheduler.close()
      await queries?.close()
      await scripts?.close()
      await transfers?.close()
      outputs.close()
      await runs.close()
      await database.close()
    },
  }
}

const NO_TRANSFERS: Pick<Transfers, 'begin' | 'cancel'> = {
  begin: () => Promise.reject(new Error('There are no query hosts here.')),
  cancel: () => Promise.reject(new Error('There are no query hosts here.')),
}

/** A line for /bin/sh, whatever shell the person who runs the tests has. */
export function shellLine(line: string, folder = '/'): CommandSpec {
  return {
    kind: 'command',
    command: { kind: 'program', program: '/bin/sh', args: ['-c', line] },
    folder,
    environment: {},
  }
}
