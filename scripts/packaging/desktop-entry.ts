/** What a Linux desktop is told about a program. */
export type DesktopEntry = {
  name: string
  comment: string
  /** Absolute path. */
  program: string
  /** Name of an icon in the system's theme. */
  icon: string
  /** Such as "Development;Database". */
  categories: string
  mimeTypes: readonly string[]
  /** Further keys and their values. */
  extra: Readonly<Record<string, string>>
}

/**
 * Writes a .desktop file that opens the program, and files with it.
 * Source: the Desktop Entry Specification 1.5 of freedesktop.org.
 */
export function desktopEntry(about: DesktopEntry): string {
  const keys: Record<string, string> = {
    Type: 'Application',
    Name: about.name,
    Comment: about.comment,
    Exec: `"${about.program}" %U`,
    Icon: about.icon,
    Terminal: 'false',
    // Electron gives its windows the name of the program.
    StartupWMClass: about.icon,
    Categories: list(about.categories.split(';').filter(Boolean)),
    MimeType: list(about.mimeTypes),
    ...about.extra,
  }
  const lines = Object.entries(keys).map(([key, value]) => `${key}=${escape(value)}\n`)
  return `[Desktop Entry]\n${lines.join('')}`
}

function list(items: readonly string[]): string {
  return items.map((item) => `${item};`).join('')
}

/** A line break in a value would begin another key. */
function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
