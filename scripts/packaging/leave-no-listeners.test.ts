import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../process/run-command.ts'

const { signal } = new AbortController()
const MODULE = join(import.meta.dirname, 'leave-no-listeners.ts')

/** The exit code of a process that should end with 1 after work that wants it to end with 0. */
async function exitCode(work: string): Promise<number | null> {
  const script = `
    import { leaveNoListeners } from ${JSON.stringify(MODULE)}
    const work = async () => void process.on('beforeExit', () => process.exit(0))
    await ${work}
    process.exitCode = 1`
  return (await runCommand(process.execPath, ['--input-type=module', '-e', script], { signal })).code
}

test('work that hooks into the end of the process does not change its exit code', async () => {
  expect(await exitCode('work()')).toBe(0)
  expect(await exitCode('leaveNoListeners(work)')).toBe(1)
})
