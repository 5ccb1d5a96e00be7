#!/usr/bin/env node
/**
 * Entry of every npm script: `node scripts/run.mjs <task> [arguments]` runs `scripts/<task>.ts` under Node 24,
 * after installing the packages of the lock file if they are not there.
 *
 * Plain JavaScript on Node's own modules: when it first runs, nothing is installed and the Node that runs it may
 * be as old as 18.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode } from './bootstrap/find-node.mjs'
import { installPackages } from './bootstrap/install-packages.mjs'
import { oneAtATime } from './bootstrap/one-at-a-time.mjs'
import { packagesMatchLock } from './bootstrap/packages-match-lock.mjs'
import { runTaskFile } from './bootstrap/run-task-file.mjs'
import { BootstrapFailure } from './bootstrap/bootstrap-failure.mjs'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

/** Several commands may be the first at the same time; the others find done what the first of them does. */
function installOnce() {
  return oneAtATime(join(root, '.cache', 'installing'), new AbortController().signal, async () => {
    if (!(await packagesMatchLock(root))) await installPackages(root)
  })
}

const scripts = dirname(fileURLToPath(import.meta.url))
const root = dirname(scripts)
const [task = '', ...taskArguments] = process.argv.slice(2)
const taskFile = join(scripts, `${task}.ts`)

try {
  if (!/^[a-z][a-z-]*$/.test(task) || !existsSync(taskFile)) {
    const tasks = readdirSync(scripts)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -'.ts'.length))
    console.error(`There is no task "${task}". The tasks are: ${tasks.join(', ')}.`)
    process.exitCode = EXIT_USAGE
  } else {
    if (!(await packagesMatchLock(root))) await installOnce()
    process.exitCode = await runTaskFile(await findNode(root), taskFile, taskArguments, root)
  }
} catch (error) {
  if (!(error instanceof BootstrapFailure)) throw error
  console.error(error.message)
  process.exitCode = EXIT_FAILED
}
