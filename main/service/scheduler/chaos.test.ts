import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Run, RunId } from '#contract/run.ts'
import { attemptOf } from '../commands/attempt.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'

const ENTRY = fileURLToPath(new URL('./chaos-process-fixture.ts', import.meta.url))

/** Services killed one after the other, each after so many acknowledgements. */
const ROUNDS = fc.sample(fc.integer({ min: 1, max: 20 }), 4)

/** Runs a service until it has acknowledged that many runs, kills commands of it meanwhile, and then itself. */
async function round(folder: string, prefix: string, count: number, acknowledged: Map<RunId, string>) {
  const child = spawn(process.execPath, [ENTRY, folder, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let left = count
  for await (const line of createInterface({ input: child.stdout })) {
    const [id, name = ''] = line.split(' ')
    acknowledged.set(Number(id), name)
    left -= 1
    if (left % 7 === 3) killSomeCommand(`${folder}/runs`, Number(id))
    if (left === 0) child.kill('SIGKILL')
  }
  await ended
}

/** Ends a command by force, if it is still there: its own process, not the one that watches over it. */
function killSomeCommand(runs: string, id: RunId): void {
  const { command } = attemptOf(runs, id)
  const pid = existsSync(command) ? Number(readFileSync(command, 'utf8').split('\n')[0]) : 0
  if (pid <= 1) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself just before.
  }
}

test('whenever services and commands are killed, nothing acknowledged is lost, nothing starts twice, and every end is the real one', async () => {
  const folder = await serviceFolder()
  const acknowledged = new Map<RunId, string>()
  for (const [index, count] of ROUNDS.entries()) await round(folder, `r${index}`, count, acknowledged)

  const service = await openForTest(folder)
  const all: Run[] = []
  for (let before = Number.MAX_SAFE_INTEGER, more = true; more;) {
    const page = await service.runs.list({ before, limit: 100 })
    all.push(...page.runs)
    more = page.more
    before = page.runs.at(-1)?.id ?? 0
  }
  expect([...acknowledged.keys()].filter((id) => !all.some((run) => run.id === id))).toEqual([])
  for (const { id } of all) check(await service.final(id))
  const begun = readdirSync(folder).filter((file) => file.startsWith('begun-'))
  for (const file of begun) expect(readFileSync(`${folder}/${file}`, 'utf8'), file).toBe('begun\n')

  function check(run: Run): void {
    if (run.kind !== 'command' || run.spec.command.kind !== 'program') throw new Error('unreachable')
    const [, name = '', code = ''] = / echo (\S+); exit (\d)$/.exec(run.spec.command.args[1] ?? '') ?? []
    const output = attemptOf(service.runsFolder, run.id).output
    const { state } = run
    if (state.kind === 'done' || state.kind === 'failed') {
      const exitCode = state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : 0
      expect([run.id, exitCode]).toEqual([run.id, Number(code)])
      expect(readFileSync(output, 'utf8')).toBe(`${name}\n`)
    } else if (state.kind === 'interrupted') expect(existsSync(`${folder}/begun-${name}`)).toBe(false)
    else expect(state).toMatchObject({ kind: 'killed', signal: 9 })
  }
}, 90_000)
