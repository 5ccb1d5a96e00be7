import { cp, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from '../runtime/setup-failure.ts'
import { debianControl } from './debian-control.ts'
import { desktopEntry } from './desktop-entry.ts'
import type { PackedApp } from './packed-app.ts'

/** Debian's names of processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Files named by their size, such as 32x32.png. */
const ICONS = join('resources', 'icons', 'png')

/**
 * Where the kernel forbids user namespaces, Chromium's sandbox is set up by this program, which must be root's.
 * Source: docs/linux/suid_sandbox_development.md of Chromium.
 */
const SANDBOX_HELPER = 'chrome-sandbox'
const SETUID_EXECUTABLE = 0o4755

/** On two busy cores 270 MB took more than four minutes at dpkg-deb's own level. */
const XZ_LEVEL = 1

/**
 * Makes a Debian package from a packed folder with dpkg-deb alone; electron-builder's own way downloads a packager.
 * It needs no scripts that run as root at its installation: links and rights are part of it, and Debian's own triggers
 * renew the lists of programs, types and icons.
 *
 * @param root the checkout's folder
 * @param packed an app for Linux
 * @param output existing folder that receives the package
 * @returns absolute path of the .deb
 * @throws SetupFailure `packaging` with dpkg-deb's words when it fails, `missing-packages` when there is none
 */
export async function makeDeb(
  root: string,
  packed: PackedApp,
  output: string,
  signal: AbortSignal,
): Promise<string> {
  const { arch, config, name, version } = packed
  const architecture = ARCHITECTURES[arch] ?? arch
  const staging = await mkdtemp(join(tmpdir(), 'offloop-deb-'))
  try {
    // mkdtemp's folder is closed to others, and its rights would become those of "/" in the package.
    await chmod(staging, 0o755)
    await layOut(root, packed, staging)
    const control = debianControl({
      name,
      version,
      architecture,
      maintainer: config.linux?.maintainer ?? '',
      section: config.deb?.packageCategory ?? '',
      depends: asList(config.deb?.depends),
      recommends: asList(config.deb?.recommends),
      installedBytes: await sizeOf(staging),
      synopsis: config.linux?.synopsis ?? '',
      description: packed.description,
    })
    await put(join(staging, 'DEBIAN', 'control'), control)
    const deb = join(output, `${name}_${version}_${architecture}.deb`)
    await buildDeb(staging, deb, signal)
    return deb
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function layOut(root: string, packed: PackedApp, staging: string): Promise<void> {
  const { config, folder, name, productName, program } = packed
  const home = join('/opt', name)
  await cp(folder, join(staging, home), { recursive: true, verbatimSymlinks: true })
  await chmod(join(staging, home, SANDBOX_HELPER), SETUID_EXECUTABLE)

  const command = join(staging, 'usr', 'bin', name)
  await mkdir(dirname(command), { recursive: true })
  await symlink(join(home, program), command)

  const share = join(staging, 'usr', 'share')
  for (const icon of await readdir(join(root, ICONS))) {
    const place = join(share, 'icons', 'hicolor', icon.replace('.png', ''), 'apps', `${name}.png`)
    await cp(join(root, ICONS, icon), place, { recursive: true })
  }
  const entry = desktopEntry({
    name: productName,
    comment: config.linux?.synopsis ?? '',
    program: join(home, program),
    icon: name,
    categories: config.linux?.category ?? '',
    mimeTypes: mimeTypes(packed),
    extra: config.linux?.desktop?.entry ?? {},
  })
  await put(join(share, 'applications', `${name}.desktop`), entry)
}

/** The types of files and links that the program opens. */
function mimeTypes({ config }: PackedApp): string[] {
  const files = asList(config.fileAssociations).flatMap(({ mimeType }) => mimeType ?? [])
  const links = asList(config.protocols).flatMap(({ schemes }) => schemes)
  return [...files, ...links.map((scheme) => `x-scheme-handler/${scheme}`)]
}

async function buildDeb(staging: string, deb: string, signal: AbortSignal): Promise<void> {
  try {
    const options = ['--root-owner-group', '-Zxz', `-z${XZ_LEVEL}`]
    const built = await runCommand('dpkg-deb', [...options, '--build', staging, deb], { signal })
    if (built.code !== 0)
      throw new SetupFailure('packaging', `${deb} could not be made:\n${built.stderr.trim()}`)
  } catch (error) {
    await rm(deb, { force: true })
    signal.throwIfAborted()
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new SetupFailure(
      'missing-packages',
      'No deb was made, because there is no dpkg-deb here. Debian and Ubuntu have it; on Fedora the package "dpkg" brings ' +
        'it. Install it and run the same command again.',
      { cause: error },
    )
  }
}

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size
  }
  return bytes
}

/** electron-builder allows one in place of a list, and nothing. */
function asList<T>(value: T | readonly T[] | null | undefined): readonly T[] {
  if (value === null || value === undefined) return []
  return isList(value) ? value : [value]
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
