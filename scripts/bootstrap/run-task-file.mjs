import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, dirname, join } from 'node:path'
import { exitCode } from './exit-code.mjs'

/**
 * npm hands a SIGTERM to the shell that it starts a script with, and that shell ends without a word to its child. Then
 * this process has another parent, which it notices by looking.
 */
const PARENT_CHECK_MS = 1000

/**
 * Runs a TypeScript file under the given Node, with that Node and the project's tools first on the path, and hands
 * SIGINT and SIGTERM on to it, and SIGTERM too when npm started this process and has ended.
 *
 * @param {string} node absolute path of the Node executable
 * @param {string} file absolute path of the script
 * @param {string[]} scriptArguments
 * @param {string} root the script's working folder
 * @returns {Promise<number>} its exit code
 */
export async function runTaskFile(node, file, scriptArguments, root) {
  // Windows calls it "Path", and a second entry spelled differently would be passed beside it.
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env[pathName] ?? ''].join(
    delimiter,
  )
  const child = spawn(node, [file, ...scriptArguments], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, [pathName]: path },
  })
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal)
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  const parent = process.ppid
  const check = () => process.ppid !== parent && forward('SIGTERM')
  const watch = process.env.npm_lifecycle_event === undefined ? null : setInterval(check, PARENT_CHECK_MS)
  try {
    const [code, signal] = await once(child, 'close')
    return exitCode(code, signal)
  } finally {
    if (watch !== null) clearInterval(watch)
    process.off('SIGINT', forward)
    process.off('SIGTERM', forward)
  }
}
