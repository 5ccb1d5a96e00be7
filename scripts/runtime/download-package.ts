import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { npmCommand } from '../bootstrap/npm-command.mjs'
import { readNpmFailure } from '../bootstrap/npm-failure.mjs'
import { diskFull } from './disk-failure.ts'
import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from './setup-failure.ts'

/** A package of the npm registry with the one content that is accepted. */
export type PinnedPackage = {
  name: string
  version: string
  /** Of the tarball, in base64, as the registry's `dist.integrity` gives it after "sha512-". */
  sha512: string
}

/** See install-packages.mjs: npm's own waits add up to more than a minute before it says that there is no network. */
const RETRY_OPTIONS = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']

/**
 * Fetches a package's tarball with `npm pack`, from the registry that npm is set up for, and verifies it before anyone
 * unpacks it. npm's own cache is not used, so that no second copy of a large tarball stays on the disk.
 *
 * @param pinned which package, and its checksum
 * @param folder an existing folder; `download/` is made in it
 * @returns absolute path of the verified tarball
 * @throws SetupFailure `no-network`, `broken-download`, `wrong-checksum`, `disk-full` or `not-writable`
 */
export async function downloadPackage(
  pinned: PinnedPackage,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const download = join(folder, 'download')
  const npmCache = join(folder, 'npm-cache')
  await mkdir(download)

  const npm = npmCommand()
  const specifier = `${pinned.name}@${pinned.version}`
  const fetched = await runCommand(
    npm.file,
    [
      ...npm.leading,
      'pack',
      specifier,
      '--json',
      '--loglevel=error',
      `--pack-destination=${download}`,
      `--cache=${npmCache}`,
      ...RETRY_OPTIONS,
    ],
    { signal, cwd: folder },
  )
  await rm(npmCache, { recursive: true, force: true })
  if (fetched.code !== 0) throw explain(specifier, folder, fetched.stdout)

  const [name] = await readdir(download)
  if (name === undefined) {
    throw new SetupFailure(
      'broken-download',
      `npm pack ${specifier} left no file. Run the same command again.`,
    )
  }
  const tarball = join(download, name)
  const found = await sha512Of(tarball, signal)
  if (found !== pinned.sha512) {
    throw new SetupFailure(
      'wrong-checksum',
      `The npm registry handed out another ${specifier} than the one Offloop was tested with, so it was not unpacked.\n` +
        `  expected sha512-${pinned.sha512}\n  received sha512-${found}\n` +
        'Look at what "npm config get registry" names: a mirror that changes packages must not be used.',
    )
  }
  return tarball
}

async function sha512Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('base64')
}

function explain(specifier: string, folder: string, stdout: string): SetupFailure {
  const { kind, reason } = readNpmFailure(stdout)
  const what = `${specifier} could not be fetched from the npm registry (${reason}).`
  switch (kind) {
    case 'no-network':
      return new SetupFailure(
        'no-network',
        `${what}\nThe registry did not answer. Connect to a network, or name a mirror with "npm config set registry ` +
          '<address>", and run the same command again. It is needed only once.',
      )
    case 'disk-full':
      return diskFull(folder)
    case 'not-writable':
      return new SetupFailure('not-writable', `${what}\nMake ${folder} writable for this user.`)
    case 'not-served':
    case 'lock-outdated':
      return new SetupFailure(
        'no-network',
        `${what}\nThe registry that npm uses does not have it. Name one that mirrors the public npm registry in full with ` +
          '"npm config set registry <address>", and run the same command again.',
      )
    case 'broken-download':
    case 'unknown':
      return new SetupFailure(
        'broken-download',
        `${what}\nThe download broke off or arrived damaged, and nothing of it was kept. Run the same command again.`,
      )
    default:
      return unreachable(kind)
  }
}

function unreachable(kind: never): never {
  throw new Error(`unknown kind of npm failure: ${String(kind)}`)
}
