import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { runTaskFile } from './run-task-file.mjs'

test('a task ends with the number of the signal that ended it, as in a shell', async () => {
  const root = await temporaryFolder()
  const task = join(root, 'task.ts')
  await writeFile(task, `process.kill(process.pid, 'SIGKILL')`)
  expect(await runTaskFile(process.execPath, task, [], root)).toBe(128 + 9)
})

test('a task finds its own Node and the tools of the project first on the path', async () => {
  const root = await temporaryFolder()
  const task = join(root, 'task.ts')
  const expected = [join(process.execPath, '..'), join(root, 'node_modules', '.bin')]
  await writeFile(
    task,
    `process.exitCode = process.env.PATH.startsWith(${JSON.stringify(expected.join(':'))}) ? 0 : 1`,
  )
  expect(await runTaskFile(process.execPath, task, [], root)).toBe(0)
})

test.each(['SIGINT', 'SIGTERM'] as const)('a task is handed %s', async (name) => {
  const root = await temporaryFolder()
  const task = join(root, 'task.ts')
  await writeFile(
    task,
    `process.on('${name}', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')`,
  )
  const script = `
    import { runTaskFile } from './run-task-file.mjs'
    process.exitCode = await runTaskFile(process.execPath, ${JSON.stringify(task)}, [], ${JSON.stringify(root)})
  `
  const runner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(runner.stdout, 'data')
  runner.kill(name)
  expect(await once(runner, 'close')).toEqual([7, null])
})

test('a task is told to end when npm has ended', async () => {
  const root = await temporaryFolder()
  const task = join(root, 'task.ts')
  await writeFile(
    task,
    `process.on('SIGTERM', () => { console.log('told'); process.exit() }); setInterval(() => {}, 1000); console.log('ready')`,
  )
  const script = `
    import { runTaskFile } from './run-task-file.mjs'
    await runTaskFile(process.execPath, ${JSON.stringify(task)}, [], ${JSON.stringify(root)})
  `
  const shell = spawn('sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, script], {
    cwd: import.meta.dirname,
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const words = shell.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
  expect((await words.next()).value).toBe('ready\n')
  shell.kill('SIGTERM')
  expect((await words.next()).value).toBe('told\n')
})
