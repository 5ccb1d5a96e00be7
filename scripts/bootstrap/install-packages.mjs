import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { BootstrapFailure } from './bootstrap-failure.mjs'
import { npmCommand } from './npm-command.mjs'
import { readNpmFailure } from './npm-failure.mjs'

/**
 * npm waits 10 s and then 60 s before it tries an unreachable registry again; a person without a network should
 * read why within seconds, and a short break is bridged all the same.
 */
const RETRY_OPTIONS = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']

/**
 * Installs what package-lock.json names with `npm ci`. npm's progress and errors go to the terminal; its warnings do not,
 * because on Node 20 they are a hundred lines about engines that the tasks themselves do not run on.
 *
 * @param {string} root folder of package-lock.json
 * @throws {BootstrapFailure} when npm fails, saying why and what to do
 */
export async function installPackages(root) {
  console.error('Installing the packages of package-lock.json (npm ci), about a minute the first time…')
  const npm = npmCommand()
  const ci = spawn(
    npm.file,
    [...npm.leading, 'ci', '--json', '--loglevel=error', '--no-audit', '--no-fund', ...RETRY_OPTIONS],
    {
      cwd: root,
      stdio: ['inherit', 'pipe', 'inherit'],
      shell: npm.shell,
    },
  )
  const output = text(ci.stdout)
  try {
    const [code, signal] = await once(ci, 'close')
    if (signal !== null)
      throw new BootstrapFailure(`npm ci was ended by ${signal}. Run the same command again.`)
    if (code !== 0) throw new BootstrapFailure(explain(readNpmFailure(await output), root))
  } catch (error) {
    if (error instanceof BootstrapFailure) throw error
    throw new BootstrapFailure(
      `npm could not be started (${error}). It comes with Node.js: https://nodejs.org`,
    )
  }
}

/**
 * @param {{ kind: import('./npm-failure.mjs').NpmFailureKind, reason: string }} failure
 * @param {string} root
 * @returns {string}
 */
function explain({ kind, reason }, root) {
  const what = `The packages that Offloop is built from could not be installed (${reason}).`
  switch (kind) {
    case 'no-network':
      return `${what}\nNo npm registry answered. Connect to a network, or name a mirror with "npm config set registry <address>", and run the same command again.`
    case 'broken-download':
      return `${what}\nA download broke off or arrived damaged. Run the same command again; if it repeats, empty npm's cache with "npm cache clean --force" first.`
    case 'disk-full':
      return `${what}\nThe disk is full: about 800 MB are needed in ${root}. Free some space and run the same command again.`
    case 'not-writable':
      return `${what}\nMake ${root} and npm's cache folder ("npm config get cache") writable for this user, and run the same command again.`
    case 'not-served':
      return `${what}\nThe npm registry ("npm config get registry") does not hand out a package that is needed. Use one that mirrors the public npm registry in full.`
    case 'lock-outdated':
      return `${what}\npackage.json and package-lock.json do not agree. Run "npm install", and keep the changed package-lock.json.`
    case 'unknown':
      return `${what}\nnpm's own lines above say more.`
  }
}
