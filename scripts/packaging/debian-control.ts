/** What Debian is told about a package. */
export type DebianPackage = {
  name: string
  version: string
  /** Debian's own word, such as "amd64". */
  architecture: string
  maintainer: string
  section: string
  depends: readonly string[]
  recommends: readonly string[]
  /** What it takes on the disk, in bytes. */
  installedBytes: number
  /** One line. */
  synopsis: string
  description: string
}

const BYTES_PER_KIB = 1024

/**
 * Writes the control file of a binary package.
 * Source: Debian Policy, chapters 5.3 (fields), 5.6.12 (a hyphen of semver sorts as "~") and 5.6.13 (description).
 */
export function debianControl(about: DebianPackage): string {
  const fields = {
    Package: about.name,
    Version: about.version.replaceAll('-', '~'),
    Architecture: about.architecture,
    Maintainer: about.maintainer,
    'Installed-Size': String(Math.ceil(about.installedBytes / BYTES_PER_KIB)),
    Depends: about.depends.join(', '),
    Recommends: about.recommends.join(', '),
    Section: about.section,
    Priority: 'optional',
    Description: `${oneLine(about.synopsis)}\n ${oneLine(about.description)}`,
  }
  return Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

/** A second line would begin another field. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
