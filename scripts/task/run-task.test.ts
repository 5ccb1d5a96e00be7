import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'

/** Runs a task in a process of its own. */
function startTask(body: string) {
  const script = `
    import { runTask } from './run-task.ts'
    import { runVisibly } from '../process/run-visibly.ts'
    import { SetupFailure } from '../runtime/setup-failure.ts'
    await runTask(async ({ root, signal, say }) => { ${body} })
  `
  const task = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { task, ended: once(task, 'close'), errors: text(task.stderr) }
}

describe('runTask', () => {
  test('ends with the exit code of the task', async () => {
    expect(await startTask('return 5').ended).toEqual([5, null])
  })

  test('shows a failure that a person can mend as its message alone', async () => {
    const { ended, errors } = startTask(`throw new SetupFailure('disk-full', 'The disk is full.')`)
    expect(await ended).toEqual([1, null])
    expect(await errors).toBe('The disk is full.\n')
  })

  test('shows a defect whole', async () => {
    const { ended, errors } = startTask(`throw new Error('a defect')`)
    expect(await ended).toEqual([1, null])
    expect(await errors).toMatch(/Error: a defect\n +at /)
  })

  test('ends the tool that it runs when it is told to stop, and tells its exit code', async () => {
    const tool = `trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`
    const { task, ended } = startTask(
      `return runVisibly('sh', ['-c', ${JSON.stringify(tool)}], { cwd: root, signal })`,
    )
    await once(task.stdout, 'data')
    task.kill('SIGTERM')
    expect(await ended).toEqual([7, null])
  })

  test('says that it was stopped', async () => {
    const { task, ended, errors } = startTask(`
      const busy = setInterval(() => {}, 1000)
      const stopped = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      say('ready')
      return stopped.finally(() => clearInterval(busy))
    `)
    await once(task.stdout, 'data')
    task.kill('SIGINT')
    expect(await ended).toEqual([1, null])
    expect(await errors).toBe('Stopped.\n')
  })
})
