import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { RunId } from '#contract/run.ts'
import type { Offloop } from '../offloop.ts'
import { until } from '../processes.ts'
import { exitCodeOf, final, output, runOf, script, start } from './ask.ts'
import { must, type Witnesses } from './fault.ts'

/** How soon after a fault every living child must be on screen, in milliseconds. */
const ON_SCREEN_MS = 5_000
const BEGIN_MS = 60_000
const EXIT_CODE = 5
const LINES = 2_000
const QUERY = { name: 'kept', sql: 'SELECT 1', database: null, chart: null }

/** Gets things acknowledged: a command that has ended, one that runs on, a saved query, committed rows. */
export async function callWitnesses(offloop: Offloop): Promise<Witnesses> {
  const database = join(offloop.folder, 'witness.db')
  const goOn = join(offloop.folder, 'go-on')
  const begun = (name: string): string => join(offloop.folder, `begun-${name}`)
  const expected = Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join('')
  const line = (name: string, pause: string): string =>
    `echo begun >> '${begun(name)}'; seq 1 ${LINES / 2}; ${pause}; seq ${LINES / 2 + 1} ${LINES}; exit ${EXIT_CODE}`

  new Sqlite(database).exec('CREATE TABLE kept (n INTEGER)').close()
  const committed = await script(offloop, database, ['INSERT INTO kept VALUES (1), (2), (3)'])
  must(committed.state.kind === 'done', 'the rows were not taken')
  await script(offloop, database, ['BEGIN', 'INSERT INTO kept VALUES (4)'])
  await (await offloop.reach()).call('savedQuery.save', { query: QUERY, replace: false })
  const over = await start(offloop, line('over', 'true'))
  await final(offloop, over)
  const going = await start(offloop, line('going', `while [ ! -e '${goOn}' ]; do sleep 0.1; done`))
  await until(BEGIN_MS, async () => (await output(offloop, going)) !== '')

  async function checkRun(id: RunId, name: string): Promise<void> {
    const run = await final(offloop, id)
    must(exitCodeOf(run) === EXIT_CODE, `N1: ${name} is ${JSON.stringify(run.state)}`)
    await checkBeginning(name)
    must((await output(offloop, id)) === expected, `N2: the output of ${name} is another`)
  }
  async function checkBeginning(name: string): Promise<void> {
    must((await readFile(begun(name), 'utf8')) === 'begun\n', `N3: ${name} began more than once`)
  }
  function checkDatabase(): void {
    const file = new Sqlite(database, { readonly: true })
    const complaint = file.pragma('integrity_check', { simple: true })
    const rows = file.prepare('SELECT group_concat(n) FROM kept').pluck().get()
    file.close()
    must(complaint === 'ok' && rows === '1,2,3', `N4: ${String(complaint)}, with the rows ${String(rows)}`)
  }
  /** Every process of a command belongs to a run that is said to run. */
  async function checkChildren(): Promise<void> {
    const shown = await until(ON_SCREEN_MS, async () => {
      for (const id of await runsWithProcesses(offloop))
        if ((await runOf(offloop, id)).state.kind !== 'running') return false
      return true
    })
    must(shown !== undefined, 'N5: a process of a command is alive, and its run is not said to run')
  }

  return {
    database,
    async check(history) {
      checkDatabase()
      if (history) await checkChildren()
      await writeFile(goOn, '')
      if (!history) {
        await until(BEGIN_MS, async () => (await output(offloop, going)) === expected)
        await checkBeginning('over')
        return checkBeginning('going')
      }
      await checkRun(over, 'over')
      await checkRun(going, 'going')
      const query = await (await offloop.reach()).call('savedQuery.get', { name: QUERY.name })
      must(query.sql === QUERY.sql, 'N1: the saved query is another')
    },
  }
}

/** Processes whose environment holds a variable. */
export async function processesWith(variable: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const variables = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')
    if (variables.split('\0').includes(variable)) found.push(Number(name))
  }
  return found
}

/** The runs of which a process is alive. */
async function runsWithProcesses({ profile }: Offloop): Promise<RunId[]> {
  const found: RunId[] = []
  for (const name of await readdir(join(profile, 'runs'))) {
    const marker = await readFile(join(profile, 'runs', name, '1', 'intent'), 'utf8').catch(() => '')
    if (marker !== '' && (await processesWith(`OFFLOOP_RUN=${marker}`)).length > 0) found.push(Number(name))
  }
  return found
}
