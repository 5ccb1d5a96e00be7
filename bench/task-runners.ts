import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureSystemPackages } from '../scripts/runtime/system-packages.ts'
import { canRun } from '../scripts/process/can-run.ts'
import type { BenchContext } from './benchmark.ts'
import { timeProgram } from './shell.ts'

/** A program that runs many commands, a few at a time. */
export interface TaskRunner {
  readonly name: string
  readonly program: string
  /** Its package on Debian and on Fedora. */
  readonly debian: string
  readonly rpm: string
  /** What it shows of its version when it is the one that is meant. */
  readonly version: readonly [argument: string]
  /** Runs `true` so many times. @returns how long it took, in milliseconds. */
  run(context: BenchContext, count: number, slots: number): Promise<number>
}

const xargs: TaskRunner = {
  name: 'xargs -P',
  program: 'xargs',
  debian: 'findutils',
  rpm: 'findutils',
  version: ['--version'],
  run: ({ signal }, count, slots) =>
    timeProgram('sh', ['-c', `seq ${count} | xargs -P ${slots} -n 1 true`], signal),
}

const parallel: TaskRunner = {
  name: 'GNU parallel',
  program: 'parallel',
  debian: 'parallel',
  rpm: 'parallel',
  version: ['--version'],
  run: ({ signal }, count, slots) =>
    timeProgram('sh', ['-c', `seq ${count} | parallel --will-cite -j ${slots} true`], signal),
}

/** Adds all, and looks until none is left: `-w` waits for one job only. Its server ends with the measurement. */
const SPOOL = `
tsp -S "$2"
for n in $(seq "$1"); do tsp true > added; done
until [ "$(tsp -l | grep -c -e queued -e running)" = 0 ]; do sleep 0.02; done
`

const taskSpooler: TaskRunner = {
  name: 'task-spooler',
  program: 'tsp',
  debian: 'task-spooler',
  rpm: 'task-spooler',
  version: ['-V'],
  async run({ folder, signal }, count, slots) {
    const own = join(folder, 'task-spooler')
    await mkdir(own, { recursive: true })
    await writeFile(join(own, 'spool.sh'), SPOOL)
    const variables = `cd '${own}'; export TS_SOCKET=socket TMPDIR='${own}' TS_MAXFINISHED=${count};`
    try {
      const spool = ['-c', `${variables} sh spool.sh ${count} ${slots}`]
      return await timeProgram('sh', spool, signal)
    } finally {
      await timeProgram('sh', ['-c', `${variables} tsp -K`], new AbortController().signal)
      await rm(own, { recursive: true })
    }
  },
}

const ALL: readonly TaskRunner[] = [xargs, parallel, taskSpooler]

/**
 * Those that are installed. In the full form the others are installed where that can be done, as the packages of Electron
 * are; in the short form they are named.
 * @throws SetupFailure in the full form, with what to do.
 */
export async function installedRunners({ short, signal, say }: BenchContext): Promise<TaskRunner[]> {
  const find = async (): Promise<TaskRunner[]> => {
    const there = await Promise.all(ALL.map((runner) => canRun(runner.program, runner.version[0], signal)))
    return ALL.filter((_, index) => !there[index])
  }
  if (!short)
    await ensureSystemPackages({
      find: async () =>
        (await find()).map(({ name, debian, rpm }) => ({
          what: `the program ${name}`,
          debian: [debian],
          rpm,
        })),
      forWhat: 'the comparison with other task runners',
      isRoot: process.getuid?.() === 0,
      signal,
      say,
    })
  const missing = await find()
  for (const { name, debian } of missing)
    say(`${name} is not installed, so it is not compared with: apt-get install ${debian}`)
  return ALL.filter((runner) => !missing.includes(runner))
}
