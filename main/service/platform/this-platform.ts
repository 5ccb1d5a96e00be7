import { darwin } from './darwin.ts'
import { linux } from './linux.ts'
import type { Platform } from './platform.ts'
import { windows } from './windows.ts'

const byName: Partial<Record<NodeJS.Platform, Platform>> = { linux, darwin, win32: windows }

/** The platform that this process runs on; a POSIX system without a name here is taken for one with a /proc. */
export function thisPlatform(name: NodeJS.Platform = process.platform): Platform {
  return byName[name] ?? linux
}
